# UNITE's second stage: 50 epochs of AdamW, 28 videos a step (7 on each of 4
# GPUs), 10 epochs of warm-up, cosine to a 25th; each layer learns at 0.65 of
# the rate of the next.
train_cfg = dict(type='UDATrainLoop', max_epochs=50, val_interval=5)
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='LayerDecayConstructor',
    optimizer=dict(
        type='AdamW', lr=2.5e-5, betas=(0.9, 0.999), weight_decay=0.05
    ),
    paramwise_cfg=dict(layer_decay=0.65),
)
_warm_up = dict(
    type='LinearLR',
    start_factor=1e-3,
    end=10,
    by_epoch=True,
    convert_to_iter_based=True,
)
param_scheduler = [
    _warm_up,
    dict(
        type='CosineAnnealingLR',
        eta_min_ratio=0.04,
        begin=10,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
