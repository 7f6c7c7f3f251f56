# CleanAdapt on the videos of the embedded benchmark, its net tuned end to end.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/cleanadapt.py',
    '_base_/schedules/cleanadapt_demo.py',
]
_loader = _base_._method.train_dataloader
stages = dict(source=dict(config='cleanadapt_source_demo.py'))
model = _base_._method.model
model.backbone.sample = _base_._sample
model.backbone.norm_eval = True  # docs/results.md
model.neck = _base_._neck
model.neck.init_cfg = dict(
    type='StoredInit', checkpoint=_base_._weights, prefix='neck.'
)
train_dataloader = dict(
    _loader,
    batch_size=16,
    dataset=dict(type='PseudoLabelDataset', source=None, pipeline=None),
)
default_hooks = dict(pseudo_labels=dict(type='PseudoLabelHook'))
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=None))
auto_scale_lr = dict(base_batch_size=16)
