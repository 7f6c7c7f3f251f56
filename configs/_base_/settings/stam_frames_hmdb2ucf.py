# HMDB51 to UCF101, frames of STAM.
_base_ = ['../tasks/hmdb2ucf.py', '../backbones/stam_frames.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
