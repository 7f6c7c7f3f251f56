# TimeSformer-B of MMAction2, divided space-time attention: windows of 8
# frames, all of them tokens.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[127.5, 127.5, 127.5],
    std=[127.5, 127.5, 127.5],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(
        type='TimeSformer',
        num_frames=8,
        img_size=224,
        patch_size=16,
        attention_type='divided_space_time',
    ),
    checkpoint='checkpoints/timesformer_divST_8xb8-8x32x1-15e_kinetics400-rgb'
    '_20220815-a4d0d01f.pth',
    window=dict(size=8, stride=8, pool=None),
    cached=True,
)
extraction = dict(
    name='timesformer',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames', frame_interval=4),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=768, num_frames=53, embed_dims=512)
