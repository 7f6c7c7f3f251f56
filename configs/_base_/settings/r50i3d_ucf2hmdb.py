# UCF101 to HMDB51, MMAction2's I3D.
_base_ = ['../tasks/ucf2hmdb.py', '../backbones/r50i3d.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
