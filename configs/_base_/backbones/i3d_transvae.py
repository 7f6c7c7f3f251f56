# I3D as TranSVAE extracts it: a window of frames i - 8 ... i + 7, ImageNet
# normalisation, both time steps of a window, 2048 channels (2 c + time).
_base_ = 'i3d.py'
_extraction = dict(
    name='i3d_transvae',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames'),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 224)),
        dict(type='CenterCrop', crop_size=224),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]
    ),
    backbone=dict(window=dict(before=8, pool='flatten')),
    neck=dict(in_channels=2048),
)
