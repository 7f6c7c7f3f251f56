# ShiftNet, pre-trained on rendered random motions, ships with the package.
_decode = [
    dict(type='VideoInit'),
    dict(type='AllFrames'),
    dict(type='VideoDecode'),
]
_pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_extraction = dict(name='shift_net', pipeline=[*_decode, *_pack])
_backbone = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[127.5] * 3,
        std=[127.5] * 3,
        format_shape='NCTHW',
    ),
    backbone=dict(
        type='FrozenBackbone',
        backbone=dict(type='ShiftNet'),
        checkpoint='asset://shift_net.safetensors',
        cached=True,
    ),
    neck=dict(in_channels=128),
)
