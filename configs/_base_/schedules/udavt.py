# UDAVT's second phase: 20 epochs, SGD, cosine per epoch, 64 pairs a step (32
# on each of 2 GPUs), an epoch as long as the longer list.
train_cfg = dict(type='UDATrainLoop', max_epochs=20, val_interval=1)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=5e-3, momentum=0.9, weight_decay=1e-9),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
