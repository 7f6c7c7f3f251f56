# CleanAdapt on stored features of the embedded benchmark: an encoder is what
# learns. It begins anew as the source stage left it.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/cleanadapt.py',
    '_base_/schedules/demo.py',
]
stages = dict(source=dict(config='cleanadapt_source_frozen_demo.py'))
model = _base_._method.model
model.backbone = dict()  # the setting's, frozen
model.neck = _base_._neck
model.neck.init_cfg = dict(
    type='StoredInit', checkpoint=_base_._weights, prefix='neck.'
)
train_dataloader = dict(
    sampler=_base_._method.train_dataloader.sampler,
    dataset=dict(type='PseudoLabelDataset', source=None),
)
default_hooks = dict(pseudo_labels=dict(type='PseudoLabelHook'))
