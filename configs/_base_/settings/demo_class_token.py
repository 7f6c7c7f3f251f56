# The embedded benchmark with a ClassTokenNeck for two CPU cores.
_base_ = 'demo.py'
encoder = dict(
    _delete_=True,
    in_channels=128,
    num_frames=16,
    depth=2,
    num_heads=4,
    hidden_channels=256,
)
