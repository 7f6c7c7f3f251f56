# The same for STAM.
_base_ = 'released_i3d.py'
backbone = dict(features='released_stam')
extraction = dict(name='released_stam')
encoder = dict(in_channels=768)
