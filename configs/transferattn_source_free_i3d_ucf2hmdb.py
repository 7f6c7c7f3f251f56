# TransferAttn without source videos, UCF101 to HMDB51, I3D: no published
# setting, the numbers are those of the released run.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/transferattn_source_free.py',
    '_base_/schedules/adam_300e.py',
]
globals().update(_base_._method)
