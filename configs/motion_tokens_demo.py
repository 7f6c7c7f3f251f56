# Motion tokens on the videos of the embedded benchmark, without a teacher.
_base_ = [
    '_base_/settings/demo_vit.py',
    '_base_/methods/motion_tokens.py',
    '_base_/schedules/unite_demo.py',
]
model = _base_._method.model
model.loss_pseudo.update(labels='model')
train_dataloader = dict(
    batch_size=16, sampler=_base_._method.train_dataloader.sampler
)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.select': dict(lr_mult=10.0)})
)
auto_scale_lr = dict(base_batch_size=16)
