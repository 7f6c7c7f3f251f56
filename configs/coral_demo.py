_base_ = ['_base_/settings/demo.py', '_base_/methods/coral.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    feature_scale=_base_.feature_scale,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
    loss_align=dict(loss_weight=1000.0),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
