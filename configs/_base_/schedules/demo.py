# The embedded benchmark; tuned on renderings 100 and 101, see tools/tune_demo.
_base_ = 'small_data.py'
max_epochs = 24
ib_weight = 0.01
train_cfg = dict(max_epochs=max_epochs, val_interval=2)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
