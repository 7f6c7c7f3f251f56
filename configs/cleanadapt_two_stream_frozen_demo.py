# CleanAdapt on stored features of RGB and flow, an encoder and a classifier
# each. They begin anew as the source stage left them.
_base_ = [
    '_base_/settings/demo_two_stream.py',
    '_base_/methods/cleanadapt_two_stream.py',
    '_base_/schedules/demo.py',
]
stages = dict(
    source=dict(config='cleanadapt_source_two_stream_frozen_demo.py')
)
model = _base_._method.model
model.backbone = dict()  # the setting's, frozen
model.neck.neck = _base_._neck
model.neck.pop('num_frames')
model.neck.init_cfg = dict(
    type='StoredInit', checkpoint=_base_._weights, prefix='neck.'
)
train_dataloader = dict(
    sampler=_base_._method.train_dataloader.sampler,
    dataset=dict(type='PseudoLabelDataset', source=None),
)
default_hooks = dict(pseudo_labels=dict(type='PseudoLabelHook'))
