# CleanAdapt+TS on the videos of the embedded benchmark: the student sees
# strong views, its moving average labels and selects.
_base_ = 'cleanadapt_demo.py'
train_dataloader = dict(
    dataset=dict(
        extraction=None,
        pipeline=[
            *_base_._decode,
            dict(type='ClipRandAugment', magnitude=9, num_layers=3, prob=0.5),
            *_base_._pack,
        ],
    )
)
default_hooks = dict(
    pseudo_labels=dict(teacher=True),
    teacher=dict(type='TeacherHook', momentum=0.01),
)
