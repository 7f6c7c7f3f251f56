# MA2LT-D, UCF101 to HMDB51, frames of ResNet-101: the setting of its released
# code, published with 85.00 (and 86.59 for HMDB51 to UCF101).
_base_ = [
    '_base_/datasets/ucf2hmdb.py',
    '_base_/datasets/five_views.py',
    '_base_/models/r101.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/ma2ltd.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(in_channels=_base_.encoder.in_channels),
    cls_head=dict(num_classes=_base_.num_classes),
)
train = dict(extraction=_base_.extraction, pipeline=_base_.five_views.train)
train_dataloader = dict(dataset=dict(source=train, target=train))
val_dataloader = dict(
    dataset=dict(extraction=_base_.extraction, pipeline=_base_.five_views.test)
)
test_dataloader = val_dataloader
del train
