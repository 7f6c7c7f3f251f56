# SigLIP ViT-B/16 of Hugging Face, single frames, resized to a square, as its
# attention pool sees them.
_base_ = 'dinov2.py'
_extraction = dict(
    name='siglip',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames'),
        dict(type='VideoDecode'),
        dict(
            type='Resize',
            scale=(224, 224),
            keep_ratio=False,
            interpolation='bicubic',
        ),
        *_base_._pack[1:],
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    backbone=dict(backbone=dict(model='google/siglip-base-patch16-224')),
)
