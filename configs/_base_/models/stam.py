# STAM-16 as TransferAttn extracts it: a window of frames i - 7 ... i + 8 for
# every frame i, ImageNet normalisation. The weights are the official ones.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(type='STAM', num_frames=16),
    checkpoint='checkpoints/stam_16.pth',
    window=dict(size=16, before=7),
    cached=True,
)
extraction = dict(
    name='stam',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=768, num_frames=53, embed_dims=512)
