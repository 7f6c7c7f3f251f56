# A pair of domains on stored features: 2 views of 53 frames, an epoch is one
# pass over the target, the source is balanced by class (the released code).
# A task adds its lists, a setting its extraction.
sample = dict(type='SampleFeature', num_frames=53, num_views=2)
train_pipeline = [sample, dict(type='PackActionInputs')]
test_pipeline = [dict(test_mode=True, **sample), dict(type='PackActionInputs')]
train_features = dict(
    type='FeatureDataset',
    videos=dict(type='VideoDataset'),
    pipeline=train_pipeline,
)
train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(
        type='DomainPairSampler', epoch_length='target', class_balanced=True
    ),
    dataset=dict(
        type='DomainPairDataset', source=train_features, target=train_features
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='FeatureDataset',
        videos=dict(type='VideoDataset'),
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='AccMetric',
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
)
test_evaluator = val_evaluator
del train_features
