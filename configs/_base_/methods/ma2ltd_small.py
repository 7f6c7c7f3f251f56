# MA2LT-D for small data: scales of 14, 10 and 2 steps of one view. The
# amplitude of the reversal was tuned on the benchmark, the rest is its
# method's.
_base_ = 'ma2ltd.py'
_view = dict(type='SampleFeature', num_frames=16, num_views=1)
_tested = dict(
    dataset=dict(
        pipeline=[dict(test_mode=True, **_view), dict(type='PackActionInputs')]
    )
)
_method = dict(
    model=dict(
        neck=dict(
            num_frames=16,
            embed_dims=128,
            domain_head=dict(
                dilations=(1, 2, 4),
                hidden_channels=128,
                grl=dict(amplitude=0.3),
            ),
        )
    ),
    train_dataloader=dict(
        dataset=dict(pipeline=[_view, dict(type='PackActionInputs')])
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
)
