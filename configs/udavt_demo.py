# UDAVT on the embedded benchmark. The queue is shorter, the
# projector as wide as in the other demos.
_base_ = ['_base_/settings/udavt_demo.py', '_base_/methods/udavt.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=_base_.encoder,
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=dict(projector=_base_.projector, queue_size=256, loss_weight=0.03),
)
