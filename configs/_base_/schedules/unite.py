# UNITE's third stage: 20 epochs (its script; 50 in its config file), 20 videos
# of each domain a step, 4 epochs of warm-up, then a constant rate.
_base_ = 'unite_source.py'
train_cfg = dict(max_epochs=20, val_interval=2)
optim_wrapper = dict(
    optimizer=dict(lr=1.6e-6, betas=(0.9, 0.95)),
    paramwise_cfg=dict(layer_decay=0.75),
)
param_scheduler = [dict(_base_._warm_up, end=4)]
