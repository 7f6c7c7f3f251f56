# Two-stream I3D, RGB and flow, both in the native scaling 2 x / 255 - 1. The
# weights are rgb_imagenet.pt and flow_imagenet.pt of pytorch-i3d.
_base_ = 'i3d.py'
_extraction = dict(
    name='i3d_two_stream',
    pipeline=[
        *_base_._decode,
        dict(type='ComputeFlow', algorithm='tvl1', bound=20, keep_rgb=True),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 5, std=[127.5] * 5),
    backbone=dict(
        backbone=dict(
            type='TwoStreamBackbone',
            rgb=dict(type='InceptionI3D'),
            flow=dict(type='InceptionI3D', in_channels=2),
        ),
        checkpoint=dict(
            _delete_=True,
            rgb='checkpoints/rgb_imagenet.pt',
            flow='checkpoints/flow_imagenet.pt',
        ),
    ),
    neck=dict(in_channels=2 * 1024),
)
