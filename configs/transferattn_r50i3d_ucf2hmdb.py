# TransferAttn, UCF101 to HMDB51, MMAction2's I3D (ResNet3d-50): no published
# setting, the numbers are those of the released run with I3D.
_base_ = [
    '_base_/settings/r50i3d_ucf2hmdb.py',
    '_base_/methods/transferattn.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
