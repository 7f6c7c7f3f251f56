# TranSVAE, UCF101 to HMDB51, its I3D features; 87.78 there, the best of 1000
# epochs on the test videos.
_base_ = [
    '_base_/settings/i3d_transvae_ucf2hmdb.py',
    '_base_/methods/transvae_ucf2hmdb.py',
    '_base_/schedules/transvae.py',
]
globals().update(_base_._method)
