# UDAVT with MDTA in the last layer on the embedded benchmark. The queue is
# shorter, the projector as wide as in the other demos.
_base_ = ['_base_/settings/udavt_demo.py', '_base_/methods/udavt_dtab.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(
            hidden_channels=_base_.hidden_channels, grl=dict(amplitude=0.3)
        ),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    ib_head=dict(projector=_base_.projector, queue_size=256),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
