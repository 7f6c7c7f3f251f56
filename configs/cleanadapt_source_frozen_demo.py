# First stage of cleanadapt_frozen_demo.
_base_ = ['_base_/settings/demo.py', '_base_/methods/cleanadapt_source.py']
max_epochs = 12
source = _base_.train_dataloader.dataset.source
train_dataloader = dict(
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=dict(_delete_=True, **source),
)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
optim_wrapper = dict(optimizer=dict(lr=1e-3))
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(_delete_=True, **_base_.backbone),
    neck=dict(
        _delete_=True,
        type='TransformerNeck',
        attention=dict(type='MultiheadSelfAttention', dropout=0.2),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
