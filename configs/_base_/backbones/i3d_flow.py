# I3D on optical flow in its native scaling, 2 x / 255 - 1 of 8-bit flow, in
# the windows of i3d.py. The weights are flow_imagenet.pt of pytorch-i3d, which
# were trained on TV-L1.
_base_ = 'i3d.py'
_extraction = dict(
    name='i3d_flow',
    pipeline=[
        *_base_._decode,
        dict(type='ComputeFlow', algorithm='tvl1', bound=20),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 2, std=[127.5] * 2),
    backbone=dict(
        backbone=dict(in_channels=2), checkpoint='checkpoints/flow_imagenet.pt'
    ),
)
