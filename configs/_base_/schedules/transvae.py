# TranSVAE: 1000 epochs of Adam, the learning rate falls with every step. The
# authors count epochs from 1.
train_cfg = dict(type='UDATrainLoop', max_epochs=1000, val_interval=10)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-3, weight_decay=1e-4),
    clip_grad=dict(max_norm=20),
)
param_scheduler = [
    dict(
        type='InverseDecayLR',
        first=1,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
