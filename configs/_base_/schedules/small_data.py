# For fewer than 10 steps an epoch. With the released weight of 1 and norm of
# 1 / 0.07 the entropy term settles on one class before the encoder has learnt
# any; a discriminator that lags behind ends there too.
max_epochs = 60
entropy_weight = 0.1
ib_weight = 0.001
feature_scale = 5.0
grl_amplitude = 0.1
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-4),
    paramwise_cfg=dict(
        custom_keys={
            'domain_head': dict(lr_mult=5.0),
            'attn.discriminator': dict(lr_mult=5.0),
        }
    ),
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
auto_scale_lr = dict(enable=False, base_batch_size=32)
