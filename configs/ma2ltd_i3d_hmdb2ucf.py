# MA2LT-D, HMDB51 to UCF101, I3D: 91.2 in Table I; the numbers are those of the
# released run with ResNet-101.
_base_ = [
    '_base_/settings/i3d_hmdb2ucf.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/ma2ltd.py',
]
globals().update(_base_._method)
