# ShiftNet, pre-trained on rendered random motions, ships with the package.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[127.5, 127.5, 127.5],
    std=[127.5, 127.5, 127.5],
    format_shape='NCTHW')
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(type='ShiftNet'),
    checkpoint='asset://shift_net.safetensors')
# Encoder and discriminators, small enough for two CPU cores.
encoder = dict(
    in_channels=128,
    num_frames=16,
    embed_dims=128,
    hidden_channels=256,
    depth=3,
    num_heads=4)
hidden_channels = 256  # of discriminators
projector = dict(channels=(256, 256, 256))
