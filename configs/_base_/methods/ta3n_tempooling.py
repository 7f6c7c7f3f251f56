# DANN + TemPooling, the first step to TA3N: the mean over 5 frames, one domain
# head on it and one on the frames. Weights start from N(0, 0.001^2). The last,
# incomplete batch of an epoch counts.
_plain = dict(type='Normal', layer='Linear', std=0.001, bias=0)
_discriminator = dict(
    type='DomainHead',
    dropout=0.0,
    num_layers=1,
    num_logits=2,
    grl=dict(amplitude=0.75, ramp=None),
    loss_weight=0.5,  # the mean of the domains, not their sum
    init_cfg=_plain,
)
_reading = dict(
    pipeline=[  # the centres of segments, in training too
        dict(type='SampleFeature', num_frames=5, num_views=1, test_mode=True),
        dict(type='PackActionInputs'),
    ]
)
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='TRNNeck',
            num_frames=5,
            embed_dims=512,
            relation_channels=None,
            dropout=0.5,
            frame_head=dict(
                _discriminator,
                hidden_channels=512,
                grl=dict(amplitude=0.5, ramp=None),
            ),
            init_cfg=dict(
                type='Normal',
                std=0.001,
                bias=0,
                override=dict(name='frame_map'),
            ),
        ),
        cls_head=dict(type='MLPClsHead', frozen=False, init_cfg=_plain),
        domain_head=dict(hidden_channels=256, **_discriminator),
        feature_scale=None,
    ),
    train_dataloader=dict(
        drop_last=False, sampler=dict(class_balanced=False), dataset=_reading
    ),
    val_dataloader=dict(dataset=_reading),
    test_dataloader=dict(dataset=_reading),
)
