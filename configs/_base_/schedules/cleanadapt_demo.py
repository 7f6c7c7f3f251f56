# A short adaptation with pseudo-labels; tuned on renderings 100 and 101.
_base_ = 'cleanadapt_source_demo.py'
max_epochs = 4
keep_ratio = 0.5
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
