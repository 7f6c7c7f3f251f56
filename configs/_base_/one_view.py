# For small data: one view of 16 frames, read in the process that trains.
_base_ = 'tokens.py'
_schedule = 'small_data_100e'
_sample = dict(type='SampleFeature', num_frames=16, num_views=1)
_loader = dict(num_workers=0, persistent_workers=False)
model = dict(neck=dict(num_frames=_sample['num_frames']))
train_dataloader = dict(
    dataset=dict(pipeline=[_sample, dict(type='PackActionInputs')]), **_loader
)
val_dataloader = test_dataloader = dict(
    batch_size=64,
    dataset=dict(
        pipeline=[
            dict(test_mode=True, **_sample),
            dict(type='PackActionInputs'),
        ]
    ),
    **_loader,
)
