# UDAVT, phase 1: from source labels alone, end to end, learn the norms, class
# tokens and position tables of both stages of STAM, the patch embedding and a
# new classifier.
model = dict(
    type='UDARecognizer',
    backbone=dict(
        type='TunedBackbone',
        trainable=('norm', 'cls_token', 'pos_embed', 'patch_embed'),
    ),
    neck=dict(
        type='ClassTokenNeck', trainable=('norm', 'cls_token', 'pos_embed')
    ),
    cls_head=dict(type='MLPClsHead', frozen=False),
    feature_scale=None,
)
