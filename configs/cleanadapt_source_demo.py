# First stage of cleanadapt_demo and cleanadapt_ts_demo. Some actions differ in
# their order alone: an encoder takes the place of the mean over time.
_base_ = [
    '_base_/settings/cleanadapt_source_demo.py',
    '_base_/methods/cleanadapt_source.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(
        backbone=_base_.backbone.backbone,
        checkpoint=_base_.backbone.checkpoint,
        sample=_base_.sample,
    ),
    neck=dict(
        _delete_=True,
        type='TransformerNeck',
        attention=dict(type='MultiheadSelfAttention', dropout=0.2),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
