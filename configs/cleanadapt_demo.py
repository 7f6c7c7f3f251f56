# CleanAdapt on the videos of the embedded benchmark, its net tuned end to end.
_base_ = ['_base_/settings/cleanadapt_demo.py', '_base_/methods/cleanadapt.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(backbone=_base_.backbone.backbone, sample=_base_.sample),
    neck=dict(
        _delete_=True,
        type='TransformerNeck',
        attention=dict(type='MultiheadSelfAttention', dropout=0.2),
        init_cfg=dict(
            type='StoredInit', checkpoint=_base_.source_weights, prefix='neck.'
        ),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
