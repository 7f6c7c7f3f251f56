# TransferAttn, UCF101 to HMDB51, RGB and flow of I3D, fused late: no published
# setting, the numbers are those of the released run with I3D.
_base_ = [
    '_base_/settings/i3d_two_stream_ucf2hmdb.py',
    '_base_/methods/transferattn_multimodal.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        neck=dict(
            last_attention=dict(grl=_base_.transferattn.grl), **_base_.encoder
        ),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=dict(grl=_base_.transferattn.grl),
    ib_head=_base_.transferattn.ib_head,
)
