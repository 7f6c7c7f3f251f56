# The classifier is the fixed one of the source stage, drawn from its seed.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transferattn_source_free.py',
]
stages = dict(source=dict(config='transferattn_source_demo.py'))
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
    loss_entropy=dict(loss_weight=_base_.entropy_weight),
    ib_head=dict(
        projector=_base_.projector,
        queue_size=2 * _base_.num_classes,
        loss_weight=_base_.ib_weight,
    ),
)
