# MMD in TransferAttn's encoder, UCF101 to HMDB51, I3D: no published setting,
# the schedule is that of TransferAttn's released run.
_base_ = ['_base_/settings/i3d_ucf2hmdb.py', '_base_/methods/mmd.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
)
