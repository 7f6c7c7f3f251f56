# TranSVAE, HMDB51 to UCF101, STAM; 99.5 in the paper of TransferAttn, whose
# settings are not known: these are those for I3D.
_base_ = [
    '_base_/settings/stam_hmdb2ucf.py',
    '_base_/methods/transvae_hmdb2ucf.py',
    '_base_/schedules/transvae.py',
]
globals().update(_base_._method)
