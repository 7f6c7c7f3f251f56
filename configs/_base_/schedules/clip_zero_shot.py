# Nothing is learnt: one validation.
train_cfg = dict(type='NoTrainLoop', max_epochs=1, val_interval=1)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=1.0))
param_scheduler = []
