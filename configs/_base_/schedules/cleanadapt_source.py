# CleanAdapt's first stage: 40 epochs of SGD, 48 videos a step over all
# processes, a tenth of the learning rate after 11 and after 21 epochs
# ("greater than 10, 20", counted from 0).
train_cfg = dict(type='UDATrainLoop', max_epochs=40, val_interval=1)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=1e-7),
)
param_scheduler = [
    dict(type='MultiStepLR', milestones=[11, 21], gamma=0.1, by_epoch=True)
]
