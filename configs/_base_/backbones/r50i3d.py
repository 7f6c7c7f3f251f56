# MMAction2's I3D (ResNet3d-50), a window of 16 frames for every second frame;
# the checkpoint is that of its model zoo.
_base_ = 'video.py'
_extraction = dict(name='r50i3d')
_backbone = dict(
    backbone=dict(
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
        checkpoint='i3d_imagenet-pretrained-r50_8xb8-32x2x1-100e_'
        'kinetics400-rgb',
        window=dict(size=16, stride=2, before=7),
    ),
    neck=dict(in_channels=2048),
)
