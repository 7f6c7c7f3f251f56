_base_ = [
    '_base_/datasets/demo.py',
    '_base_/models/demo.py',
    '_base_/methods/oracle.py',
    '_base_/schedules/demo.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    feature_scale=_base_.feature_scale,
    backbone=dict(cached=True, **_base_.backbone),
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
)
train_dataloader = dict(dataset=dict(keep_target_labels=True))
