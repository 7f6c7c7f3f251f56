# The embedded benchmark; tuned on renderings 100 and 101.
_base_ = 'small_data.py'
_numbers = dict(ib_head=dict(loss_weight=0.01))
train_cfg = dict(max_epochs=24, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
