# Twelve epochs, on a small encoder.
_base_ = 'small_data.py'
train_cfg = dict(max_epochs=12, val_interval=12)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
