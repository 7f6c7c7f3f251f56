# TranSVAE, UCF101 to HMDB51, STAM; 93.5 in the paper of TransferAttn, whose
# settings are not known: these are those for I3D.
_base_ = [
    '_base_/settings/stam_ucf2hmdb.py',
    '_base_/methods/transvae_ucf2hmdb.py',
    '_base_/schedules/transvae.py',
]
globals().update(_base_._method)
