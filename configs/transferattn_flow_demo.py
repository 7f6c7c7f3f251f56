# TransferAttn on optical flow alone.
_base_ = ['_base_/settings/demo_flow.py', '_base_/methods/transferattn.py']
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    feature_scale=_base_.feature_scale,
    backbone=_base_.backbone,
    neck=dict(
        last_attention=dict(
            hidden_channels=_base_.hidden_channels,
            grl=dict(amplitude=_base_.grl_amplitude),
        ),
        **_base_.encoder,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    loss_entropy=dict(loss_weight=_base_.entropy_weight),
    domain_head=dict(
        hidden_channels=_base_.domain_channels,
        grl=dict(amplitude=_base_.grl_amplitude),
    ),
    ib_head=dict(projector=_base_.projector, loss_weight=_base_.ib_weight),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
