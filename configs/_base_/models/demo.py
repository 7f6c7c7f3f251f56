# ShiftNet, pre-trained on rendered random motions, ships with the package.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[127.5, 127.5, 127.5],
    std=[127.5, 127.5, 127.5],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(type='ShiftNet'),
    checkpoint='asset://shift_net.safetensors',
    cached=True,
)
extraction = dict(
    name='shift_net',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
# Encoder and discriminators, small enough for two CPU cores.
encoder = dict(
    in_channels=128,
    num_frames=16,
    embed_dims=128,
    hidden_channels=128,
    depth=2,
    num_heads=4,
)
hidden_channels = 128  # of MDTA's discriminator
domain_channels = 512  # of the domain head
projector = dict(channels=(128, 128, 128))
