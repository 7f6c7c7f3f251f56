# TransferAttn as the authors' code runs it, UCF101 to HMDB51, I3D.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/transferattn_release.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
