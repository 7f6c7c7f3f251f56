# Two domains read as stored tokens: 2 views of 53 frames, an epoch is one pass
# over the target, the source is balanced by class (TransferAttn's release).
# A task adds its lists, a setting how the tokens are made.
_base_ = 'default_runtime.py'
_schedule = 'adam_300e'
_loader = dict(batch_size=32, num_workers=2, persistent_workers=True)
_sample = dict(type='SampleFeature', num_frames=53, num_views=2)
model = dict(neck=dict(num_frames=_sample['num_frames']))
train_dataloader = dict(
    drop_last=True,
    sampler=dict(
        type='DomainPairSampler', epoch_length='target', class_balanced=True
    ),
    dataset=dict(
        type='DomainPairDataset',
        pipeline=[_sample, dict(type='PackActionInputs')],
        source=dict(type='FeatureDataset'),
        target=dict(type='FeatureDataset'),
    ),
    **_loader,
)
val_dataloader = test_dataloader = dict(
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='FeatureDataset',
        pipeline=[
            dict(test_mode=True, **_sample),
            dict(type='PackActionInputs'),
        ],
        test_mode=True,
    ),
    **_loader,
)
val_cfg = dict(type='UDAValLoop')
auto_scale_lr = dict(enable=False, base_batch_size=32)
