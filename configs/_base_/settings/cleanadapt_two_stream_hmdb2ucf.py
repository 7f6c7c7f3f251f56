# As cleanadapt_hmdb2ucf.py, of RGB and flow.
_base_ = ['cleanadapt_hmdb2ucf.py', 'cleanadapt_streams.py']
stages = dict(
    source=dict(config='cleanadapt_source_two_stream_i3d_hmdb2ucf.py')
)
views = _base_.two_stream
train_dataloader = dict(
    batch_size=24, dataset=dict(dataset=dict(pipeline=views.weak_view))
)
val_dataloader = dict(dataset=dict(pipeline=views.centre_view))
test_dataloader = val_dataloader
*others, labelling = _base_.custom_hooks
custom_hooks = [
    *others,
    dict(
        labelling, dataset=dict(labelling.dataset, pipeline=views.centre_view)
    ),
]
auto_scale_lr = dict(base_batch_size=24)
