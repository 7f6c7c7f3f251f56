# MA2LT-D, Kinetics to NEC-Drone, STAM: 55.4 in Table II; the numbers are those
# of the released run with ResNet-101, the batch TransferAttn's.
_base_ = [
    '_base_/settings/stam_kinetics2necdrone.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/ma2ltd.py',
]
globals().update(_base_._method)
