# 20 epochs of AdamW, decay 0.05, as LMFT is said to have. The learning rates,
# of the net and of the threshold, are ours; so is the cosine.
train_cfg = dict(type='UDATrainLoop', max_epochs=20, val_interval=2)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=0.05),
    paramwise_cfg=dict(
        custom_keys={'backbone.select': dict(lr_mult=200.0, decay_mult=0.0)}
    ),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
