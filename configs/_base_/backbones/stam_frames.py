# The vision transformer of STAM-16 alone, as UDAVT has it: a token for each of
# 16 frames, the centres of equal segments, resized to a square.
_base_ = 'stam_udavt.py'
_extraction = dict(
    name='stam_frames',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='SegmentFrames', num_frames=16),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(256, 256), keep_ratio=False),
        *_base_._pack,
    ],
)
_backbone = dict(
    backbone=dict(
        backbone=dict(temporal_depth=0),
        tokens=dict(mixes_time=False),
        window=None,
    )
)
