# MA2LT-D, Kinetics to NEC-Drone, STAM: 55.4 in TransferAttn's Table II; the
# numbers are those of the released run with ResNet-101, the batch
# TransferAttn's.
_base_ = [
    '_base_/datasets/kinetics2necdrone.py',
    '_base_/datasets/five_views.py',
    '_base_/models/stam.py',
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
auto_scale_lr = dict(base_batch_size=_base_.train_dataloader.batch_size)
del train
