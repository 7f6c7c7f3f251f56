# CleanAdapt+TS on the videos of the embedded benchmark: the student sees
# strong views, its moving average labels and selects.
_base_ = 'cleanadapt_demo.py'
*read, layout, pack = _base_.pipeline
augment = dict(type='ClipRandAugment', magnitude=9, num_layers=3, prob=0.5)
train_dataloader = dict(
    dataset=dict(dataset=dict(pipeline=[*read, augment, layout, pack]))
)
*others, labelling = _base_.custom_hooks
custom_hooks = [
    *others,
    dict(labelling, teacher=True),
    dict(type='TeacherHook', momentum=0.01),
]
