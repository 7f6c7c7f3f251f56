# UCF-HMDB_full, 12 classes: 1438 / 571 videos of UCF101, 840 / 360 of HMDB51.
videos = dict(ucf='data/ucf101/videos', hmdb='data/hmdb51/videos')
lists = 'data/ucf_hmdb_full'
num_classes = 12
# 53 windows of 16 frames, evenly spaced; all their tokens are stored.
extraction = [
    dict(type='DecordInit'),
    dict(type='SampleFrames', clip_len=16, num_clips=53, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
sample = dict(type='SampleFeature', num_frames=53, num_views=2)
train_pipeline = [sample, dict(type='PackActionInputs')]
test_pipeline = [dict(test_mode=True, **sample), dict(type='PackActionInputs')]


def features(name, split, **kwargs):
    """Stored tokens of one list."""
    return dict(
        type='FeatureDataset',
        store=f'{lists}/features/i3d_r50/{name}_{split}',
        videos=dict(
            type='VideoDataset',
            ann_file=f'{lists}/{name}_{split}.txt',
            data_prefix=dict(video=videos[name]),
            pipeline=extraction,
            test_mode=True,
        ),
        **kwargs,
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
        type='DomainPairDataset',
        source=features('ucf', 'train', pipeline=train_pipeline),
        target=features('hmdb', 'train', pipeline=train_pipeline),
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=features('hmdb', 'test', pipeline=test_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='AccMetric',
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
)
test_evaluator = val_evaluator
del features
