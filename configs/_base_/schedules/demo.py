# The embedded benchmark; tools/tune_demo.py tuned it on renderings 100, 101.
max_epochs = 24
entropy_weight = 0.1
ib_weight = 0.01
feature_scale = 5.0
grl_amplitude = 0.1
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-4),
    # A discriminator that lags behind lets the encoder fool it by moving a
    # whole domain to and fro, which ends in one class for all.
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
