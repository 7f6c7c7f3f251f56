# First stage of cleanadapt_two_stream_frozen_demo: an encoder and a classifier
# for RGB and for flow, learnt on their mean logits.
_base_ = [
    '_base_/settings/demo_two_stream.py',
    '_base_/methods/cleanadapt_source_two_stream.py',
    '_base_/schedules/demo.py',
]
model = _base_._method.model
model.backbone = dict()  # the setting's, frozen
model.neck.neck = _base_._neck
model.neck.pop('num_frames')
train_dataloader = dict(
    sampler=_base_._method.train_dataloader.sampler, dataset=dict(target=None)
)
