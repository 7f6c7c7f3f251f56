# CleanAdapt's adaptation: 100 epochs of SGD, a tenth of the learning rate
# after 20 and after 40 epochs.
_base_ = 'cleanadapt_source.py'
max_epochs = 100
keep_ratio = 0.5
train_cfg = dict(max_epochs=max_epochs)
optim_wrapper = dict(optimizer=dict(weight_decay=1e-4))
param_scheduler = [
    dict(type='MultiStepLR', milestones=[20, 40], gamma=0.1, by_epoch=True)
]
