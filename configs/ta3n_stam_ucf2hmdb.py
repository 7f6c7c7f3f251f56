# TA3N, UCF101 to HMDB51, STAM: published for ResNet-101 only,
# whose numbers these are.
_base_ = [
    '_base_/datasets/ucf2hmdb.py',
    '_base_/models/stam.py',
    '_base_/methods/ta3n.py',
    '_base_/schedules/ta3n.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        frame_head=dict(grl=dict(amplitude=_base_.ta3n.frame)),
        relation_head=dict(grl=dict(amplitude=_base_.ta3n.relation)),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=dict(grl=dict(amplitude=_base_.ta3n.video)),
    loss_entropy=dict(loss_weight=_base_.ta3n.entropy),
)
features = dict(extraction=_base_.extraction, pipeline=_base_.segments)
train_dataloader = dict(
    batch_size=_base_.ta3n.batch,
    sampler=dict(epoch_length=_base_.ta3n.epoch, class_balanced=False),
    dataset=dict(source=features, target=features),
)
val_dataloader = dict(dataset=features)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=_base_.ta3n.batch)
