auto_scale_lr = dict(base_batch_size=32, enable=False)
custom_imports = dict(imports=['mmaction_uda'])
default_hooks = dict(
    checkpoint=dict(interval=1, max_keep_ckpts=2, type='CheckpointHook'),
    logger=dict(ignore_last=False, interval=20, type='LoggerHook'),
    param_scheduler=dict(type='ParamSchedulerHook'),
    predictions=dict(type='PredictionsHook'),
    runtime_info=dict(type='DeferredInfoHook'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    strict_load=dict(type='StrictLoadHook'),
    sync_buffers=dict(type='SyncBuffersHook'),
    timer=dict(type='IterTimerHook'),
)
default_scope = 'mmaction'
env_cfg = dict(
    cudnn_benchmark=False,
    dist_cfg=dict(backend='nccl'),
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
)
launcher = 'none'
load_from = None
log_level = 'INFO'
log_processor = dict(by_epoch=True, type='LogProcessor', window_size=20)
model = dict(
    backbone=dict(
        backbone=dict(type='ShiftNet'),
        cached=False,
        checkpoint='trained/phase1/weights.safetensors',
        sample=dict(
            num_frames=16,
            num_views=1,
            test_mode=True,
            type='SampleFeature',
        ),
        type='FrozenBackbone',
    ),
    cls_head=dict(
        classes=[
            'circle_out',
            'circle_in',
            'circle_swing',
            'reach_squat',
            'squat_reach',
            'reach_swing',
            'walk',
            'moonwalk',
        ],
        frozen=False,
        init_cfg=dict(
            checkpoint='trained/phase1/weights.safetensors',
            prefix='cls_head.',
            type='StoredInit',
        ),
        num_classes=8,
        type='MLPClsHead',
    ),
    data_preprocessor=dict(
        format_shape='NCTHW',
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        type='UDADataPreprocessor',
    ),
    feature_scale=None,
    ib_head=dict(
        ib_normalize='standardize',
        ib_pairs='class',
        ib_placement='pooled',
        loss_weight=0.03,
        projector=dict(channels=(128, 128, 128), frozen=True, norm='BN'),
        queue_size=256,
        type='InformationBottleneckHead',
    ),
    neck=dict(
        depth=2,
        hidden_channels=256,
        in_channels=128,
        init_cfg=dict(
            checkpoint='trained/phase1/weights.safetensors',
            prefix='neck.',
            type='StoredInit',
        ),
        num_frames=16,
        num_heads=4,
        readout='class_token',
        type='ClassTokenNeck',
    ),
    type='UDARecognizer',
)
optim_wrapper = None
param_scheduler = None
prepare = [
    dict(
        distractors=0,
        root='data/demo/seed0_distractors0',
        seed=0,
        type='RenderedBenchmark',
    ),
]
randomness = dict(seed=0)
resume = False
stages = dict(phase1=dict(config='udavt_phase1_demo.py'))
test_cfg = dict(type='TestLoop')
test_dataloader = dict(
    batch_size=1,
    dataset=dict(
        ann_file='data/demo/seed0_distractors0/target_test.txt',
        data_prefix=dict(video='data/demo/seed0_distractors0'),
        metainfo=dict(
            classes=[
                'circle_out',
                'circle_in',
                'circle_swing',
                'reach_squat',
                'squat_reach',
                'reach_swing',
                'walk',
                'moonwalk',
            ],
        ),
        pipeline=[
            dict(type='VideoInit'),
            dict(type='AllFrames'),
            dict(type='VideoDecode'),
            dict(input_format='NCTHW', type='FormatShape'),
            dict(type='PackActionInputs'),
        ],
        test_mode=True,
        type='VideoDataset',
    ),
    num_workers=0,
    persistent_workers=False,
    sampler=dict(shuffle=False, type='DefaultSampler'),
)
test_evaluator = dict(
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
    type='ClassAccMetric',
)
test_pipeline = [
    dict(type='VideoInit'),
    dict(type='AllFrames'),
    dict(type='VideoDecode'),
    dict(input_format='NCTHW', type='FormatShape'),
    dict(type='PackActionInputs'),
]
train_cfg = None
train_dataloader = None
val_cfg = None
val_dataloader = None
val_evaluator = None
visualizer = dict(
    type='TrackingVisualizer',
    vis_backends=[dict(type='LocalVisBackend')],
)
work_dir = 'trained'
