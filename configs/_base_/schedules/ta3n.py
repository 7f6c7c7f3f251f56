# TA3N: 30 epochs of SGD, the learning rate falls with every step.
max_epochs = 30
train_cfg = dict(type='UDATrainLoop', max_epochs=max_epochs, val_interval=3)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
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
        end=max_epochs,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
auto_scale_lr = dict(enable=False, base_batch_size=128)
