# Short stages of CleanAdapt; tuned on renderings 100 and 101. The net is
# pre-trained, what is behind it is new.
_base_ = 'small_data.py'
train_cfg = dict(max_epochs=4, val_interval=4)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.01))),
)
