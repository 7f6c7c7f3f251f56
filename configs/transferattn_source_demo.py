# First stage of transferattn_source_free_demo.
_base_ = ['_base_/settings/demo.py', '_base_/methods/transferattn_source.py']
source = _base_.train_dataloader.dataset.source
train_dataloader = dict(
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=dict(_delete_=True, **source),
)
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type='SourceStatisticsHook',
        dataset={**source, 'pipeline': _base_.test_pipeline},
    ),
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    feature_scale=_base_.feature_scale,
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(
            hidden_channels=_base_.hidden_channels,
            grl=dict(amplitude=_base_.grl_amplitude),
        ),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=dict(
        projector=_base_.projector, queue_size=2 * _base_.num_classes
    ),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
