# CLIP ViT-B/32 of Hugging Face, single frames, projected into the space that
# images and texts share.
_base_ = 'clip.py'
_extraction = dict(name='clip_projected', pipeline=_base_._extraction.pipeline)
_backbone = dict(
    backbone=dict(backbone=dict(type='HFProjectedBackbone')),
    neck=dict(in_channels=512),
)
