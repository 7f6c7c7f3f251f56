# UCF101 to HMDB51, frames of ResNet-101.
_base_ = ['../tasks/ucf2hmdb.py', '../backbones/r101.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
