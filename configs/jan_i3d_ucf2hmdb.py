# JAN in TransferAttn's encoder, UCF101 to HMDB51, I3D: no published setting,
# the schedule is that of TransferAttn's released run.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/jan.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
