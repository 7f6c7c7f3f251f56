# TranSVAE on Sprites, humans to aliens; no accuracy is published.
_base_ = [
    '_base_/datasets/sprites.py',
    '_base_/models/sprites.py',
    '_base_/methods/transvae.py',
    '_base_/schedules/transvae.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        num_frames=8,
        num_videos=900 + 900,
        encoder=_base_.encoder,
        decoder=_base_.decoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    loss_pseudo=dict(threshold=0.99),
)
default_hooks = dict(checkpoint=dict(interval=10))
randomness = dict(seed=1)
auto_scale_lr = dict(base_batch_size=30)
