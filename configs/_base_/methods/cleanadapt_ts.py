# CleanAdapt+TS: the student sees strong views, its moving average labels and
# selects.
_base_ = 'cleanadapt.py'
_strong_view = [
    dict(type='DecordInit'),
    _base_._clip,
    *_base_._clip_decode,
    dict(type='ClipRandAugment', magnitude=9, num_layers=3, prob=0.5),
    dict(type='CenterCrop', crop_size=224),
]
_method = dict(
    train_dataloader=dict(
        dataset=dict(pipeline=[*_strong_view, *_base_._clip_pack])
    ),
    default_hooks=dict(
        pseudo_labels=dict(teacher=True),
        teacher=dict(type='TeacherHook', momentum=0.01),
    ),
)
