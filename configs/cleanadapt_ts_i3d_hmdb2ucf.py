# CleanAdapt+TS, HMDB51 to UCF101, I3D (RGB): the student sees strong views,
# its moving average labels and selects.
_base_ = 'cleanadapt_i3d_hmdb2ucf.py'
train_dataloader = dict(
    dataset=dict(dataset=dict(pipeline=_base_.strong_view))
)
*others, labelling = _base_.custom_hooks
custom_hooks = [
    *others,
    dict(labelling, teacher=True),
    dict(type='TeacherHook', momentum=0.01),
]
