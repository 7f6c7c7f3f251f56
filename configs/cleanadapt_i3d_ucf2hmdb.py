# CleanAdapt, UCF101 to HMDB51, I3D (RGB) tuned end to end.
_base_ = [
    '_base_/settings/cleanadapt_ucf2hmdb.py',
    '_base_/methods/cleanadapt.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(backbone=_base_.backbone.backbone),
    neck=dict(in_channels=_base_.encoder.in_channels, dropout=0.5),
    cls_head=dict(num_classes=_base_.num_classes),
)
