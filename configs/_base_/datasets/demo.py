# The embedded benchmark, rendered when it is not there. DEMO_SEED and
# DEMO_DISTRACTORS choose the rendering.
data_root = 'data/demo/seed{{$DEMO_SEED:0}}_distractors{{$DEMO_DISTRACTORS:0}}'
prepare = [
    dict(
        type='RenderedBenchmark',
        root=data_root,
        seed={{'$DEMO_SEED:0'}},
        distractors={{'$DEMO_DISTRACTORS:0'}},
    )
]
num_classes = 8
extraction = [
    dict(type='DecordInit'),
    dict(type='SampleFrames', clip_len=32, num_clips=1, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
sample = dict(type='SampleFeature', num_frames=16, num_views=1)
train_pipeline = [sample, dict(type='PackActionInputs')]
test_pipeline = [dict(test_mode=True, **sample), dict(type='PackActionInputs')]


def features(split, **kwargs):
    """Stored tokens of one list of the benchmark."""
    return dict(
        type='FeatureDataset',
        store=f'{data_root}/features/{split}',
        videos=dict(
            type='VideoDataset',
            ann_file=f'{data_root}/{split}.txt',
            data_prefix=dict(video=data_root),
            pipeline=extraction,
            test_mode=True,
        ),
        **kwargs,
    )


train_dataloader = dict(
    batch_size=32,
    num_workers=0,
    drop_last=True,
    sampler=dict(
        type='DomainPairSampler', epoch_length='target', class_balanced=True
    ),
    dataset=dict(
        type='DomainPairDataset',
        source=features('source_train', pipeline=train_pipeline),
        target=features('target_train', pipeline=train_pipeline),
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=features('target_test', pipeline=test_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='AccMetric',
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
)
test_evaluator = val_evaluator
del features
