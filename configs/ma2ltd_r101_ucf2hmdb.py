# MA2LT-D, UCF101 to HMDB51, frames of ResNet-101: the setting of its released
# code, published with 85.00 (and 86.59 for HMDB51 to UCF101).
_base_ = [
    '_base_/settings/r101_ucf2hmdb.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/ma2ltd.py',
]
globals().update(_base_._method)
