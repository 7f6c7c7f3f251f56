# For fewer than 10 steps an epoch. With the released weight of 1 the entropy
# term settles on one class before the encoder has learnt any.
max_epochs = 100
entropy_weight = 0.1
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='Adam', lr=3e-4))
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
