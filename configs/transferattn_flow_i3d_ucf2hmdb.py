# TransferAttn, UCF101 to HMDB51, flow stream of I3D: no published setting,
# the numbers are those of the released run with I3D.
_base_ = [
    '_base_/settings/i3d_flow_ucf2hmdb.py',
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
