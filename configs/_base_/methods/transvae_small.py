# TranSVAE for small data. Narrow, short, and with weights that fit the
# benchmark: the classifier leads, reversals and divergences are weak, segments
# are drawn at random in training, pseudo-labels come last. A task says
# neck.num_videos.
_base_ = 'transvae.py'
_domains = dict(hidden_channels=128, grl=dict(amplitude=0.1))
_segments = dict(type='SampleFeature', num_frames=8, num_views=1)
_tested = dict(
    dataset=dict(
        pipeline=[
            dict(test_mode=True, **_segments),
            dict(type='PackActionInputs'),
        ]
    )
)
_method = dict(
    model=dict(
        neck=dict(
            embed_dims=128,
            hidden_channels=64,
            latent_channels=64,
            relation_channels=128,
            recon_weight=0.1,
            kl_static_weight=0.01,
            kl_dynamic_weight=0.01,
            frame_head=_domains,
            relation_head=_domains,
            init_cfg=dict(std=0.1),
        ),
        cls_head=dict(
            loss_cls=dict(type='CrossEntropyLoss', loss_weight=10.0)
        ),
        domain_head=_domains,
        loss_pseudo=dict(start=0.9),
        feature_scale=5.0,
    ),
    train_dataloader=dict(
        dataset=dict(pipeline=[_segments, dict(type='PackActionInputs')])
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
)
