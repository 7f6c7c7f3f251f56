# MA2LT-D as its released code runs it: a discriminator for every time step of
# every temporal scale of the frames; 5 views of a video.
_views = dict(type='SampleFeature', num_frames=53, num_views=5)
_tested = dict(
    dataset=dict(
        pipeline=[
            dict(test_mode=True, **_views),
            dict(type='PackActionInputs'),
        ]
    )
)
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='FrameEncoderNeck',
            num_frames=53,
            embed_dims=256,
            dropout=0.5,
            domain_head=dict(
                type='MultiScaleDomainHead',
                dilations=(1, 3, 7, 15),
                hidden_channels=1024,
                dropout=0.2,
                scale_attention='released',
                grl=dict(amplitude=0.1, ramp='epoch'),
            ),
        ),
        cls_head=dict(
            type='MLPClsHead',
            frozen=False,
            init_cfg=dict(
                type='Xavier', layer='Linear', distribution='normal', bias=0
            ),
        ),
        loss_entropy=dict(type='EntropyLoss', entropy_reduction='mean'),
        feature_scale=None,
    ),
    train_dataloader=dict(
        dataset=dict(pipeline=[_views, dict(type='PackActionInputs')])
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
)
