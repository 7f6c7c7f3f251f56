# CleanAdapt's first stage, UCF101 to HMDB51, I3D (RGB): source videos alone.
_base_ = [
    '_base_/settings/cleanadapt_source_ucf2hmdb.py',
    '_base_/methods/cleanadapt_source.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(
        backbone=_base_.backbone.backbone,
        checkpoint=_base_.backbone.checkpoint,
    ),
    neck=dict(in_channels=_base_.encoder.in_channels, dropout=0.5),
    cls_head=dict(num_classes=_base_.num_classes),
)
