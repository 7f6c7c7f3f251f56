# V-JEPA 2 ViT-L/16 of Hugging Face (the extra `hf`): windows of 16 frames,
# whose 8 time steps all become tokens. It was trained on 64 frames; its
# positions are relative, so that fewer will do.
_base_ = 'video.py'
_extraction = dict(
    name='vjepa2',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames', frame_interval=4),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 292)),
        dict(type='CenterCrop', crop_size=256),
        *_base_._pack[1:],
    ],
)
_backbone = dict(
    backbone=dict(
        backbone=dict(
            type='HFVideoBackbone', model='facebook/vjepa2-vitl-fpc64-256'
        ),
        window=dict(size=16, stride=16, pool=None),
    ),
    neck=dict(in_channels=1024),
)
