# STAM-16 as TransferAttn extracts it: a window of frames i - 7 ... i + 8 for
# every frame i, ImageNet normalisation. The weights are the official ones.
_base_ = 'video.py'
backbone = dict(
    backbone=dict(type='STAM', num_frames=16),
    checkpoint='checkpoints/stam_16.pth',
    window=dict(size=16, before=7),
)
extraction = dict(name='stam')
encoder = dict(in_channels=768)
