# TranSVAE, Kinetics to NEC-Drone, STAM; 55.9 in the paper of TransferAttn,
# whose settings are not known: these are those for I3D.
_base_ = [
    '_base_/settings/transvae_kinetics2necdrone.py',
    '_base_/models/stam.py',
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
