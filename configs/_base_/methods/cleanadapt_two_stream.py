# CleanAdapt on two streams, a classifier each; their losses are added.
_base_ = 'cleanadapt.py'
_clip_flow = [
    dict(type='ComputeFlow', bound=20, keep_rgb=True),
    *_base_._clip_pack,
]
_tested = dict(dataset=dict(pipeline=[*_base_._centre_view, *_clip_flow]))
_method = dict(
    stages=dict(source=dict(config='cleanadapt_source_two_stream')),
    model=dict(
        neck=dict(
            _delete_=True,
            type='MultiModalNeck',
            num_frames=None,
            neck=dict(type='MeanNeck', dropout=0.5),
        ),
        cls_head=dict(
            type='MultiModalClsHead',
            loss_cls=dict(type='CrossEntropyLoss', loss_weight=2.0),
        ),
    ),
    train_dataloader=dict(
        batch_size=24, dataset=dict(pipeline=[*_base_._weak_view, *_clip_flow])
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
    auto_scale_lr=dict(base_batch_size=24),
)
