# As cleanadapt_source_ucf2hmdb.py, of RGB and flow.
_base_ = ['cleanadapt_source_ucf2hmdb.py', 'cleanadapt_streams.py']
views = _base_.two_stream
train_dataloader = dict(batch_size=24, dataset=dict(pipeline=views.weak_view))
val_dataloader = dict(dataset=dict(pipeline=views.centre_view))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=24)
