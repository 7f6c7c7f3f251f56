# The embedded benchmark, its videos seen by a small vision transformer.
_base_ = ['../tasks/demo.py', '../backbones/vit_tiny.py']
model = _base_._backbone
train_dataloader = dict(
    dataset=dict(extraction=None, pipeline=[*_base_._drawn, *_base_._packed])
)
val_dataloader = test_dataloader = dict(
    batch_size=16, dataset=dict(extraction=_base_._extraction, pipeline=None)
)
