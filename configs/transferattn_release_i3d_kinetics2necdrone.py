# TransferAttn as the authors' code runs it, Kinetics to NEC-Drone, I3D; they
# did not run this one, the numbers are those of their run with STAM.
_base_ = [
    '_base_/settings/i3d_kinetics2necdrone.py',
    '_base_/methods/transferattn_release.py',
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
