# MMAction2's I3D (ResNet3d-50), a window of 16 frames for every second frame;
# the checkpoint is that of its model zoo.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(
        type='ResNet3d',
        depth=50,
        pretrained2d=False,
        conv1_kernel=(5, 7, 7),
        conv1_stride_t=2,
        pool1_stride_t=2,
        conv_cfg=dict(type='Conv3d'),
        inflate=((1, 1, 1), (1, 0, 1, 0), (1, 0, 1, 0, 1, 0), (0, 1, 0)),
    ),
    checkpoint='checkpoints/i3d_imagenet-pretrained-r50_8xb8-32x2x1-100e_'
    'kinetics400-rgb_20220812-e213c223.pth',
    window=dict(size=16, stride=2, before=7),
    cached=True,
)
extraction = dict(
    name='r50i3d',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=2048, num_frames=53, embed_dims=512)
