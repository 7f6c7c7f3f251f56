# Two I3Ds tuned end to end, one of RGB and one of flow, both in the native
# scaling 2 x / 255 - 1, beside the RGB one of i3d_native.py.
streams = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[127.5] * 5,
        std=[127.5] * 5,
        format_shape='NCTHW',
    ),
    backbone=dict(
        backbone=dict(
            type='TwoStreamBackbone',
            rgb=dict(type='InceptionI3D'),
            flow=dict(type='InceptionI3D', in_channels=2),
        ),
        checkpoint=dict(
            rgb='checkpoints/rgb_imagenet.pt',
            flow='checkpoints/flow_imagenet.pt',
        ),
    ),
)
