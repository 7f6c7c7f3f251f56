# The paper's I3D (Inception), as TransferAttn extracts it: a window of frames
# i - 7 ... i + 8 for every frame i, values in [0, 1], zeros outside the video.
# The weights are rgb_imagenet.pt of pytorch-i3d.
_base_ = 'video.py'
data_preprocessor = dict(mean=[0.0, 0.0, 0.0], std=[255.0, 255.0, 255.0])
backbone = dict(
    backbone=dict(type='InceptionI3D'),
    checkpoint='checkpoints/rgb_imagenet.pt',
    window=dict(size=16, before=7),
)
extraction = dict(
    name='i3d',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames', max_frames=900),
        *_base_.decode,
        *_base_.crop,
        *_base_.pack,
    ],
)
encoder = dict(in_channels=1024)
