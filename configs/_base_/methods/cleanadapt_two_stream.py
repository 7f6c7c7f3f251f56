# CleanAdapt on two streams, a classifier each; their losses are added.
_base_ = 'cleanadapt.py'
model = dict(
    neck=dict(
        _delete_=True,
        type='MultiModalNeck',
        neck=dict(type='MeanNeck', dropout=0.5),
    ),
    cls_head=dict(
        type='MultiModalClsHead',
        loss_cls=dict(type='CrossEntropyLoss', loss_weight=2.0),
    ),
)
