# 300 epochs, Adam, cosine per epoch: the released code's schedule.
train_cfg = dict(type='UDATrainLoop', max_epochs=300, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-5, weight_decay=5e-4),
)
param_scheduler = [dict(type='ShiftedCosineLR', by_epoch=True)]
