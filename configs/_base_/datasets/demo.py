# The embedded benchmark, rendered when it is not there. DEMO_SEED and
# DEMO_DISTRACTORS choose the rendering.
_base_ = 'features.py'
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
metainfo = dict(
    classes=[
        'circle_out',
        'circle_in',
        'circle_swing',
        'reach_squat',
        'squat_reach',
        'reach_swing',
        'walk',
        'moonwalk',
    ]
)
sample = dict(type='SampleFeature', num_frames=16, num_views=1)
train_pipeline = [sample, dict(type='PackActionInputs')]
test_pipeline = [dict(test_mode=True, **sample), dict(type='PackActionInputs')]


def features(split, pipeline):
    """Stored tokens of one list of the benchmark."""
    return dict(
        store=f'{data_root}/features/{split}',
        videos=dict(
            ann_file=f'{data_root}/{split}.txt',
            data_prefix=dict(video=data_root),
            metainfo=metainfo,
        ),
        pipeline=pipeline,
    )


train_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        source=features('source_train', train_pipeline),
        target=features('target_train', train_pipeline),
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    dataset=features('target_test', test_pipeline),
)
test_dataloader = val_dataloader
