# CleanAdapt+TS, UCF101 to HMDB51, I3D on RGB and flow: the student sees
# strong views, its moving average labels and selects.
_base_ = 'cleanadapt_two_stream_i3d_ucf2hmdb.py'
train_dataloader = dict(
    dataset=dict(dataset=dict(pipeline=_base_.two_stream.strong_view))
)
*others, labelling = _base_.custom_hooks
custom_hooks = [
    *others,
    dict(labelling, teacher=True),
    dict(type='TeacherHook', momentum=0.01),
]
