# TranSVAE: 1000 epochs of Adam, the learning rate falls with every step. The
# authors count epochs from 1.
max_epochs = 1000
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-3, weight_decay=1e-4),
    clip_grad=dict(max_norm=20),
)
param_scheduler = [
    dict(
        type='InverseDecayLR',
        end=max_epochs,
        shift=1 / max_epochs,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
auto_scale_lr = dict(enable=False, base_batch_size=128)
