# STAM-16 as TransferAttn extracts it: a window of frames i - 7 ... i + 8 for
# every frame i, ImageNet normalisation. The weights are the official ones.
_base_ = 'video.py'
_extraction = dict(name='stam')
_backbone = dict(
    backbone=dict(
        backbone=dict(type='STAM', num_frames=16),
        checkpoint='checkpoints/stam_16.pth',
        window=dict(size=16, before=7),
    ),
    neck=dict(in_channels=768),
)
