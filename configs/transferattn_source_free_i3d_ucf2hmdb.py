# The classifier is the fixed one of the source stage, drawn from its seed.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/transferattn_source_free.py',
]
stages = dict(source=dict(config='transferattn_source_i3d_ucf2hmdb.py'))
target = _base_.train_dataloader.dataset.target
train_dataloader = dict(
    sampler=dict(_delete_=True, type='PseudoLabelSampler', keep_ratio=0.5),
    dataset=dict(_delete_=True, type='PseudoLabelDataset', dataset=target),
)
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type='PseudoLabelHook',
        dataset={**target, 'pipeline': _base_.test_pipeline},
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
