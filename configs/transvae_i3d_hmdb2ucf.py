# TranSVAE, HMDB51 to UCF101, its I3D features; 98.95 there, the best of 1000
# epochs on the test videos.
_base_ = [
    '_base_/settings/i3d_transvae_hmdb2ucf.py',
    '_base_/methods/transvae_hmdb2ucf.py',
    '_base_/schedules/transvae.py',
]
globals().update(_base_._method)
