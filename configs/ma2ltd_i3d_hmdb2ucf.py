# MA2LT-D, HMDB51 to UCF101, I3D: 91.2 in TransferAttn's Table I; the numbers
# are those of the released run with ResNet-101.
_base_ = [
    '_base_/datasets/hmdb2ucf.py',
    '_base_/datasets/five_views.py',
    '_base_/models/i3d.py',
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
