# The same for STAM.
_base_ = 'released_i3d.py'
_extraction = dict(name='released_stam')
_backbone = dict(
    backbone=dict(features='released_stam'), neck=dict(in_channels=768)
)
