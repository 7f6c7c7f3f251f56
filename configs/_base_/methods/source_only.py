# Source only: encoder and fixed classifier, learnt from source labels.
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='TransformerNeck',
            embed_dims=512,
            hidden_channels=2048,
            depth=4,
            num_heads=8,
            attention=dict(type='MultiheadSelfAttention', dropout=0.2),
        ),
        cls_head=dict(type='MLPClsHead', frozen=True, seed=0),
        feature_scale=1 / 0.07,
    )
)
