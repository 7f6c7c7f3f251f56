# VideoMAE ViT-B of MMAction2: windows of 16 frames, four frames apart, as it
# was trained, one token each.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(
        type='VisionTransformer',
        img_size=224,
        patch_size=16,
        embed_dims=768,
        depth=12,
        num_heads=12,
        qkv_bias=True,
        num_frames=16,
        norm_cfg=dict(type='LN', eps=1e-6),
    ),
    checkpoint='checkpoints/vit-base-p16_videomae-k400-pre_16x4x1_'
    'kinetics-400_20221013-860a3cd3.pth',
    window=dict(size=16, stride=2),
    cached=True,
)
extraction = dict(
    name='videomae',
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
