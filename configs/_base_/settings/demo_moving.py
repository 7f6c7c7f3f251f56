# The embedded benchmark, ShiftNet; views are drawn from the frames that move
# (frame selection, ours). Tuned on rendering 100.
_base_ = 'demo.py'
_moving = dict(type='SelectFrames', threshold=0.1)
train_dataloader = dict(
    dataset=dict(
        pipeline=[_moving, _base_._sample, dict(type='PackActionInputs')]
    )
)
val_dataloader = test_dataloader = dict(
    dataset=dict(
        pipeline=[
            _moving,
            dict(test_mode=True, **_base_._sample),
            dict(type='PackActionInputs'),
        ]
    )
)
