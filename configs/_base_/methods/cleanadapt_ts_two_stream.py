# CleanAdapt+TS on two streams.
_base_ = 'cleanadapt_two_stream.py'
_seen = [*_base_._strong_view, *_base_._clip_flow]
_method = dict(
    train_dataloader=dict(dataset=dict(pipeline=_seen)),
    default_hooks=dict(
        pseudo_labels=dict(teacher=True),
        teacher=dict(type='TeacherHook', momentum=0.01),
    ),
)
