# JAN in TransferAttn's encoder, Kinetics to NEC-Drone, STAM: no published
# setting, the schedule is that of TransferAttn's released run.
_base_ = ['_base_/settings/stam_kinetics2necdrone.py', '_base_/methods/jan.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
)
