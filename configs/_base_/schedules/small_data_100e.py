# For some hundred videos: longer, and faster.
_base_ = 'small_data.py'
train_cfg = dict(max_epochs=100, val_interval=20)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
