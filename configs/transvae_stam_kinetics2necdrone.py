# TranSVAE, Kinetics to NEC-Drone, STAM; 55.9 in the paper of TransferAttn,
# whose settings are not known: these are those for I3D.
_base_ = [
    '_base_/settings/stam_kinetics2necdrone.py',
    '_base_/methods/transvae_kinetics2necdrone.py',
    '_base_/schedules/transvae.py',
]
globals().update(_base_._method)
