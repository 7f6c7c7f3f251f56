# ResNet-101, single frames, TA3N's setting; the weights are torchvision's,
# whose names mmpretrain keeps.
_base_ = 'video.py'
_extraction = dict(
    name='r101',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames'),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 224)),
        *_base_._pack,
    ],
)
_backbone = dict(
    backbone=dict(
        backbone=dict(type='mmpretrain.ResNet', depth=101),
        checkpoint='resnet101',
    ),
    neck=dict(in_channels=2048),
)
