# First stage of cleanadapt_frozen_demo.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/cleanadapt_source.py',
    '_base_/schedules/demo.py',
]
model = _base_._method.model
model.backbone = dict()  # the setting's, frozen
model.neck = _base_._neck
train_dataloader = dict(
    sampler=_base_._method.train_dataloader.sampler, dataset=dict(target=None)
)
