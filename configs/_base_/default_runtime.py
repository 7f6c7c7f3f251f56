default_scope = 'mmaction'
custom_imports = dict(imports=['mmaction_uda'])

default_hooks = dict(
    runtime_info=dict(type='DeferredInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    sync_buffers=dict(type='SyncBuffersHook'),
    strict_load=dict(type='StrictLoadHook'),
    predictions=dict(type='PredictionsHook'),
)
env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)
log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
visualizer = dict(
    type='TrackingVisualizer', vis_backends=[dict(type='LocalVisBackend')]
)
log_level = 'INFO'
load_from = None
resume = False

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = test_evaluator = dict(
    type='ClassAccMetric',
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
)
