# First stage of cleanadapt_two_stream_frozen_demo: an encoder and a classifier
# for RGB and for flow, learnt on their mean logits.
_base_ = [
    '_base_/settings/demo_two_stream.py',
    '_base_/methods/cleanadapt_source_two_stream.py',
]
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
        in_channels=_base_.encoder.in_channels,
        neck=dict(
            _delete_=True,
            type='TransformerNeck',
            attention=dict(type='MultiheadSelfAttention', dropout=0.2),
            **_base_.encoder,
        ),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
