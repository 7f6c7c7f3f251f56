# CleanAdapt on stored features of RGB and flow, an encoder and a classifier
# each. They begin anew as the source stage left them.
_base_ = [
    '_base_/settings/demo_two_stream.py',
    '_base_/methods/cleanadapt_two_stream.py',
]
stages = dict(
    source=dict(config='cleanadapt_source_two_stream_frozen_demo.py')
)
max_epochs = 12
target = _base_.train_dataloader.dataset.target
train_dataloader = dict(
    sampler=dict(_delete_=True, type='PseudoLabelSampler', keep_ratio=0.5),
    dataset=dict(_delete_=True, type='PseudoLabelDataset', dataset=target),
)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
optim_wrapper = dict(optimizer=dict(lr=1e-3))
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type='PseudoLabelHook',
        dataset={**target, 'pipeline': _base_.test_pipeline},
    ),
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(_delete_=True, **_base_.backbone),
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        init_cfg=dict(
            type='StoredInit', checkpoint=_base_.source_weights, prefix='neck.'
        ),
        neck=dict(
            _delete_=True,
            type='TransformerNeck',
            attention=dict(type='MultiheadSelfAttention', dropout=0.2),
            **_base_.encoder,
        ),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
