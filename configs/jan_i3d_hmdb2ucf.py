# JAN in TransferAttn's encoder, HMDB51 to UCF101, I3D: no published setting,
# the schedule is that of TransferAttn's released run.
_base_ = ['_base_/settings/i3d_hmdb2ucf.py', '_base_/methods/jan.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
)
