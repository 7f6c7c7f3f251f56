# What real backbones share: ImageNet's normalisation, all frames of a video,
# short side 256, crop 224.
_pack = [
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_extraction = dict(
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames'),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 256)),
        *_pack,
    ]
)
_backbone = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
    backbone=dict(type='FrozenBackbone', cached=True),
)
