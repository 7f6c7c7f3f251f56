# Source only, Kinetics to NEC-Drone, STAM: 29.4 in Table II; schedule of
# TransferAttn's released code.
_base_ = [
    '_base_/settings/stam_kinetics2necdrone.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
