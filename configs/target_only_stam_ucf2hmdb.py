# Target only, UCF101 to HMDB51, STAM; schedule of TransferAttn's released
# code.
_base_ = ['_base_/settings/stam_ucf2hmdb.py', '_base_/methods/target_only.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
)
train_dataloader = dict(dataset=dict(keep_target_labels=True))
