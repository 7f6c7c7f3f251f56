# CleanAdapt, UCF101 to HMDB51, I3D on RGB and flow tuned end to end.
_base_ = [
    '_base_/settings/cleanadapt_two_stream_ucf2hmdb.py',
    '_base_/methods/cleanadapt_two_stream.py',
]
model = dict(
    data_preprocessor=_base_.streams.data_preprocessor,
    backbone=dict(backbone=_base_.streams.backbone.backbone),
    neck=dict(in_channels=2 * _base_.encoder.in_channels),
    cls_head=dict(num_classes=_base_.num_classes),
)
