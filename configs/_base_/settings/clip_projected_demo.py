# The embedded benchmark, CLIP.
_base_ = ['../tasks/demo.py', '../backbones/clip_projected.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
