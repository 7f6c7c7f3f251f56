# UDAVT's second phase: 20 epochs, SGD, cosine per epoch, 64 pairs a step (32
# on each of 2 GPUs), an epoch as long as the longer list.
max_epochs = 20
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=5e-3, momentum=0.9, weight_decay=1e-9),
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
auto_scale_lr = dict(enable=False, base_batch_size=64)
