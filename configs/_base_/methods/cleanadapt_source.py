# CleanAdapt's first stage: backbone and classifier learnt end to end from
# source labels, on the logits averaged over streams.
model = dict(
    type='UDARecognizer',
    backbone=dict(type='TunedBackbone'),
    neck=dict(type='MeanNeck'),
    cls_head=dict(type='MLPClsHead', frozen=False, fuse_views=True),
    feature_scale=None,
)
