# First stage of transferattn_source_free_i3d_ucf2hmdb.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/transferattn_source.py',
]
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
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(grl=_base_.transferattn.grl), **_base_.encoder
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=dict(
        queue_size=2 * _base_.num_classes, **_base_.transferattn.ib_head
    ),
)
