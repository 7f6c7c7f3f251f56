# 300 epochs, Adam, cosine per epoch: the released code's schedule.
max_epochs = 300
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-5, weight_decay=5e-4),
)
param_scheduler = [
    dict(type='ShiftedCosineLR', T_max=max_epochs, by_epoch=True)
]
auto_scale_lr = dict(enable=False, base_batch_size=32)
