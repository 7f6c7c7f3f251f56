# First stage of cleanadapt_demo and cleanadapt_ts_demo. Some actions differ in
# their order alone: an encoder takes the place of the mean over time.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/cleanadapt_source.py',
    '_base_/schedules/cleanadapt_demo.py',
]
_loader = _base_._method.train_dataloader
model = _base_._method.model
model.backbone.sample = _base_._sample
model.backbone.norm_eval = True  # docs/results.md
model.neck = _base_._neck
train_dataloader = dict(
    _loader, batch_size=16, dataset=dict(target=None, pipeline=None)
)
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=None))
auto_scale_lr = dict(base_batch_size=16)
