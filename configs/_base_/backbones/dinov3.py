# DINOv3 ViT-S/16 of Hugging Face, as dinov2.py. Its authors ask who loads it:
# agree on its page, then `hf auth login`.
_base_ = 'dinov2.py'
_extraction = dict(name='dinov3')
_backbone = dict(
    backbone=dict(
        backbone=dict(model='facebook/dinov3-vits16-pretrain-lvd1689m')
    ),
    neck=dict(in_channels=384),
)
