# CleanAdapt+TS: the student sees strong views, its moving average labels and
# selects.
_base_ = 'cleanadapt.py'
_method = dict(
    train_dataloader=dict(
        dataset=dict(pipeline=[*_base_._strong_view, *_base_._clip_pack])
    ),
    default_hooks=dict(
        pseudo_labels=dict(teacher=True),
        teacher=dict(type='TeacherHook', momentum=0.01),
    ),
)
