# UDAVT's first phase, UCF101 to HMDB51, STAM: source videos alone.
_base_ = [
    '_base_/settings/udavt_phase1_ucf2hmdb.py',
    '_base_/methods/udavt_phase1.py',
]
official = _base_.backbone.checkpoint
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(
        backbone=_base_.backbone.backbone,
        tokens=_base_.backbone.tokens,
        checkpoint=official,
    ),
    neck=dict(
        init_cfg=dict(
            type='StoredInit', checkpoint=official, prefix='aggregate.'
        ),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
