# CLIP ViT-B/32 of Hugging Face, single frames, their class tokens before the
# projection to texts, in the normalisation of its authors.
_base_ = 'dinov2.py'
_extraction = dict(
    name='clip',
    pipeline=[
        dict(type='VideoInit'),
        dict(type='AllFrames'),
        dict(type='VideoDecode'),
        dict(type='Resize', scale=(-1, 224), interpolation='bicubic'),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(
        mean=[122.771, 116.746, 104.094], std=[68.501, 66.632, 70.323]
    ),
    backbone=dict(backbone=dict(model='openai/clip-vit-base-patch32')),
)
