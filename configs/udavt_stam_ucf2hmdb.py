# UDAVT, UCF101 to HMDB51, STAM: its own phase 1 comes first.
_base_ = ['_base_/settings/udavt_ucf2hmdb.py', '_base_/methods/udavt.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=_base_.udavt,
)
