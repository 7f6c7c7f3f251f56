# Each stage of DALL-V: 30 epochs of AdamW, three of them up from nothing, then
# cosine per epoch.
train_cfg = dict(type='UDATrainLoop', max_epochs=30, val_interval=5)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=0.01, betas=(0.9, 0.98), weight_decay=0.2),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6, begin=0, end=3, by_epoch=True),
    dict(type='CosineAnnealingLR', begin=3, end=30, by_epoch=True),
]
