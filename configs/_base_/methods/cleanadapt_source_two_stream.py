# CleanAdapt's first stage on two streams, a classifier each; the loss is that
# of their mean logits.
_base_ = 'cleanadapt_source.py'
model = dict(
    neck=dict(
        _delete_=True,
        type='MultiModalNeck',
        neck=dict(type='MeanNeck', dropout=0.5),
    ),
    cls_head=dict(type='MultiModalClsHead'),
)
