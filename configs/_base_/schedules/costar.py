# Each stage of Co-STAR: 90 epochs of AdamW, cosine per epoch.
train_cfg = dict(type='UDATrainLoop', max_epochs=90, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=0.01, betas=(0.9, 0.98), weight_decay=0.0),
)
param_scheduler = [
    dict(type='CosineAnnealingLR', begin=0, end=90, by_epoch=True)
]
