# UDAVT with TAM in the last layer, HMDB51 to UCF101, STAM (Table III).
# The ramp of the reversal is TransferAttn's for this task.
_base_ = ['_base_/settings/udavt_hmdb2ucf.py', '_base_/methods/udavt_tam.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(grl=_base_.transferattn.grl), **_base_.encoder
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=_base_.udavt,
)
