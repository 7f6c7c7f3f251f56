# First stage of unite_demo: a small vision transformer learns from the source
# videos of the embedded benchmark, from the start.
_base_ = [
    '_base_/settings/demo_vit.py',
    '_base_/methods/unite_source.py',
    '_base_/schedules/unite_demo.py',
]
_loader = _base_._method.train_dataloader
model = _base_._method.model
train_dataloader = dict(
    _loader,
    batch_size=16,
    dataset=dict(target=None, pipeline=[*_base_._drawn, *_base_._packed]),
)
auto_scale_lr = dict(base_batch_size=16)
