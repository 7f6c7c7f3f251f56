# TA3N: 30 epochs of SGD, the learning rate falls with every step. The authors
# count epochs from 1.
train_cfg = dict(type='UDATrainLoop', max_epochs=30, val_interval=3)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(
        type='SGD', lr=0.03, momentum=0.9, nesterov=True, weight_decay=1e-4
    ),
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
