# I3D in its native scaling, 2 x / 255 - 1, with the window that the text of
# SAVA names (7 frames before, 8 after); it leaves the scaling open.
_base_ = 'i3d.py'
_extraction = dict(name='i3d_native')
_backbone = dict(data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3))
