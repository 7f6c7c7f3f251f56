# A small vision transformer of VideoMAE's form without weights: it sees 16
# frames of 64 pixels, in patches of 16 pixels over 2 frames.
_drawn = [
    dict(type='VideoInit'),
    dict(type='UniformSample', clip_len=16),
    dict(type='VideoDecode'),
]
_packed = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_extraction = dict(
    name='vit_tiny',
    pipeline=[
        _drawn[0],
        dict(test_mode=True, **_drawn[1]),
        _drawn[2],
        *_packed,
    ],
)
_backbone = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[127.5] * 3,
        std=[127.5] * 3,
        format_shape='NCTHW',
    ),
    backbone=dict(
        type='TunedBackbone',
        backbone=dict(
            type='VisionTransformer',
            img_size=64,
            patch_size=16,
            embed_dims=96,
            depth=3,
            num_heads=4,
            qkv_bias=True,
            num_frames=16,
        ),
        seed=0,
    ),
    neck=dict(in_channels=96),
)
