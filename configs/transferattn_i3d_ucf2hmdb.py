# TransferAttn on UCF-HMDB_full, on MMAction2's own I3D.
_base_ = [
    '_base_/datasets/ucf2hmdb.py',
    '_base_/models/i3d_r50.py',
    '_base_/methods/transferattn.py',
    '_base_/schedules/adam_300e.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(cached=True, **_base_.backbone),
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
    loss_entropy=dict(loss_weight=_base_.entropy_weight),
)
