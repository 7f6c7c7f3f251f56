# TA3N for small data: all 16 frames, weak reversals, narrow domain heads. With
# its published coefficients it hardly fits the source of the benchmark.
_base_ = 'ta3n.py'
_start = dict(std=0.09)
_domains = dict(hidden_channels=128, grl=dict(amplitude=0.1))
_reading = dict(
    pipeline=[
        dict(type='SampleFeature', num_frames=16, num_views=1, test_mode=True),
        dict(type='PackActionInputs'),
    ]
)
_method = dict(
    model=dict(
        neck=dict(
            num_frames=16,
            embed_dims=128,
            relation_channels=128,
            frame_head=dict(init_cfg=_start, **_domains),
            relation_head=_domains,
            init_cfg=_start,
        ),
        cls_head=dict(init_cfg=_start),
        domain_head=dict(init_cfg=_start, **_domains),
    ),
    train_dataloader=dict(dataset=_reading),
    val_dataloader=dict(dataset=_reading),
    test_dataloader=dict(dataset=_reading),
)
