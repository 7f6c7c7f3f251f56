# Video Swin-T of MMAction2: windows of 32 frames, two frames apart, as it was
# trained, whose 16 time steps all become tokens.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(
        type='SwinTransformer3D',
        arch='tiny',
        pretrained2d=False,
        patch_size=(2, 4, 4),
        window_size=(8, 7, 7),
        mlp_ratio=4.0,
        qkv_bias=True,
        patch_norm=True,
    ),
    checkpoint='checkpoints/swin-tiny-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_'
    'kinetics400-rgb_20220930-241016b2.pth',
    window=dict(size=32, stride=32, pool=None),
    cached=True,
)
extraction = dict(
    name='videoswin',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames', frame_interval=2),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=768, num_frames=53, embed_dims=512)
