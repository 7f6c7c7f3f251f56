# MA2LT-D on the embedded benchmark, small: scales of 14, 10 and 2 steps. Its
# schedule and single view are TransferAttn's there; the amplitude of the
# reversal was tuned there, the rest is its method's.
_base_ = ['_base_/settings/demo.py', '_base_/methods/ma2ltd.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        num_frames=_base_.encoder.num_frames,
        embed_dims=_base_.encoder.embed_dims,
        domain_head=dict(
            dilations=(1, 2, 4),
            hidden_channels=_base_.hidden_channels,
            grl=dict(amplitude=0.3),
        ),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
)
