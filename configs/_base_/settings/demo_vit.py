# The embedded benchmark, its videos seen by a small vision transformer.
_base_ = ['../tasks/demo.py', '../backbones/vit_tiny.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
