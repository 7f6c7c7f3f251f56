# MA2LT-D, UCF101 to HMDB51, STAM: 95.3 in Table I; the numbers are those of
# the released run with ResNet-101.
_base_ = [
    '_base_/settings/stam_ucf2hmdb.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/ma2ltd.py',
]
globals().update(_base_._method)
