# HMDB51 to UCF101, TranSVAE's I3D.
_base_ = ['../tasks/hmdb2ucf.py', '../backbones/i3d_transvae.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
