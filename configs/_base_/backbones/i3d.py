# The papers' I3D (Inception), as TransferAttn extracts it: a window of frames
# i - 7 ... i + 8 for every frame i, values in [0, 1], zeros outside the video.
# The weights are rgb_imagenet.pt of pytorch-i3d.
_decode = [
    dict(type='VideoInit'),
    dict(type='AllFrames', max_frames=900),
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
]
_pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_extraction = dict(name='i3d', pipeline=[*_decode, *_pack])
_backbone = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[0.0] * 3,
        std=[255.0] * 3,
        format_shape='NCTHW',
    ),
    backbone=dict(
        type='FrozenBackbone',
        backbone=dict(type='InceptionI3D'),
        checkpoint='checkpoints/rgb_imagenet.pt',
        cached=True,
        window=dict(size=16, before=7),
    ),
    neck=dict(in_channels=1024),
)
