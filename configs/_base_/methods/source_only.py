# Source only: encoder and fixed classifier, learnt from source labels.
model = dict(
    type='UDARecognizer',
    neck=dict(
        type='TransformerNeck',
        attention=dict(type='MultiheadSelfAttention', dropout=0.2),
    ),
    cls_head=dict(type='MLPClsHead', frozen=True, seed=0),
    feature_scale=1 / 0.07,
)
