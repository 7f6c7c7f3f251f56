# ResNet-101, single frames, TA3N's setting; the weights are torchvision's,
# whose names mmpretrain keeps.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(type='mmpretrain.ResNet', depth=101),
    checkpoint='checkpoints/resnet101-63fe2227.pth',
    cached=True,
)
extraction = dict(
    name='r101',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 224)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=2048, num_frames=53, embed_dims=512)
