# UDAVT's first phase, Kinetics to NEC-Drone, STAM: source videos alone.
# The published run crops persons and balances classes; how is not known.
_base_ = [
    '_base_/settings/udavt_phase1_kinetics2necdrone.py',
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
