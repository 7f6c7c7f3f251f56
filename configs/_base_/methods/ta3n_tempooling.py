# DANN + TemPooling, the first step to TA3N: the mean over 5 frames, one domain
# head on it and one on the frames. All weights start from N(0, 0.001^2).
segments = [  # their centres, in training too
    dict(type='SampleFeature', num_frames=5, num_views=1, test_mode=True),
    dict(type='PackActionInputs'),
]
plain = dict(type='Normal', layer='Linear', std=0.001, bias=0)
discriminator = dict(
    type='DomainHead',
    dropout=0.0,
    num_layers=1,
    num_logits=2,
    grl=dict(ramp=None),
    loss_weight=0.5,  # the mean of the domains, not their sum
    init_cfg=plain,
)
model = dict(
    type='UDARecognizer',
    neck=dict(
        type='TRNNeck',
        num_frames=5,
        embed_dims=512,
        relation_channels=None,
        dropout=0.5,
        frame_head=dict(hidden_channels=512, **discriminator),
        init_cfg=dict(
            type='Normal', std=0.001, bias=0, override=dict(name='frame_map')
        ),
    ),
    cls_head=dict(type='MLPClsHead', frozen=False, init_cfg=plain),
    domain_head=dict(hidden_channels=256, **discriminator),
    feature_scale=None,
)
