# DINOv2 ViT-B/14 of Hugging Face (the extra `hf`), single frames, their class
# tokens. Normalisation and size are those of its authors.
_base_ = 'video.py'
_extraction = dict(name='dinov2', pipeline=_base_._extraction.pipeline)
_backbone = dict(
    backbone=dict(
        backbone=dict(type='HFImageBackbone', model='facebook/dinov2-base')
    ),
    neck=dict(in_channels=768),
)
