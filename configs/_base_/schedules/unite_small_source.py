# Short stages of a vision transformer that learns from the start.
_base_ = 'small_data.py'
train_cfg = dict(max_epochs=12, val_interval=4)
optim_wrapper = dict(
    constructor='LayerDecayConstructor',
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(layer_decay=0.9),
)
