# HMDB51 to UCF101, I3D, RGB and flow.
_base_ = ['../tasks/hmdb2ucf.py', '../backbones/i3d_two_stream.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
