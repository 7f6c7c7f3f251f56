# CleanAdapt's adaptation: 100 epochs of SGD, a tenth of the learning rate
# after 21 and after 41 epochs ("greater than 20, 40", counted from 0).
_base_ = 'cleanadapt_source.py'
train_cfg = dict(max_epochs=100)
optim_wrapper = dict(optimizer=dict(weight_decay=1e-4))
param_scheduler = [
    dict(type='MultiStepLR', milestones=[21, 41], gamma=0.1, by_epoch=True)
]
