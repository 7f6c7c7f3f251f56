# TranSVAE on the embedded benchmark. Narrow, short, and with weights that fit
# the benchmark: the classifier leads, reversals and divergences are weak,
# segments are drawn at random in training, pseudo-labels come last.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transvae.py',
    '_base_/schedules/transvae.py',
]
_domains = dict(hidden_channels=128, grl=dict(amplitude=0.1))
_sample = dict(type='SampleFeature', num_frames=8, num_views=1)
model = _base_._method.model
model.update(
    neck=dict(
        embed_dims=128,
        hidden_channels=64,
        latent_channels=64,
        relation_channels=128,
        num_videos=480 + 480,
        recon_weight=0.1,
        kl_static_weight=0.01,
        kl_dynamic_weight=0.01,
        frame_head=_domains,
        relation_head=_domains,
        init_cfg=dict(std=0.1),
    ),
    cls_head=dict(loss_cls=dict(type='CrossEntropyLoss', loss_weight=10.0)),
    domain_head=_domains,
    loss_pseudo=dict(start=0.9),
    feature_scale=5.0,
)
train_dataloader = dict(
    sampler=dict(class_balanced=False),
    dataset=dict(pipeline=[_sample, dict(type='PackActionInputs')]),
)
val_dataloader = test_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(test_mode=True, **_sample),
            dict(type='PackActionInputs'),
        ]
    )
)
train_cfg = dict(max_epochs=20, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
