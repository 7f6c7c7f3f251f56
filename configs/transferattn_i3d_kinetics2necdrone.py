# TransferAttn as the paper states it, Kinetics to NEC-Drone, I3D; nobody
# published this setting, the numbers are those of the run with STAM.
_base_ = [
    '_base_/settings/i3d_kinetics2necdrone.py',
    '_base_/methods/transferattn.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(grl=_base_.transferattn.grl), **_base_.encoder
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=dict(grl=_base_.transferattn.grl),
    ib_head=_base_.transferattn.ib_head,
)
