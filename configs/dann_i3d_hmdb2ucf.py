# DANN in TransferAttn's encoder, HMDB51 to UCF101, I3D: no published setting,
# the schedule and reversal are those of TransferAttn's released run.
_base_ = ['_base_/settings/i3d_hmdb2ucf.py', '_base_/methods/dann.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=dict(grl=_base_.transferattn.grl),
)
