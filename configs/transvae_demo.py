# Narrow, short, and with weights that fit the benchmark: the classifier leads,
# reversals and divergences are weak, segments are drawn at random in training,
# pseudo-labels come last.
_base_ = [
    '_base_/datasets/demo.py',
    '_base_/models/demo.py',
    '_base_/methods/transvae.py',
    '_base_/schedules/transvae.py',
    '_base_/default_runtime.py',
]
max_epochs = 20
segments = dict(type='SampleFeature', num_frames=8, num_views=1)
packing = dict(type='PackActionInputs')
domains = dict(hidden_channels=_base_.hidden_channels, grl=dict(amplitude=0.1))
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        embed_dims=128,
        hidden_channels=64,
        latent_channels=64,
        relation_channels=128,
        num_videos=480 + 480,
        recon_weight=0.1,
        kl_static_weight=0.01,
        kl_dynamic_weight=0.01,
        frame_head=domains,
        relation_head=domains,
        init_cfg=dict(std=0.1),
    ),
    cls_head=dict(
        num_classes=_base_.num_classes,
        loss_cls=dict(type='CrossEntropyLoss', loss_weight=10.0),
    ),
    domain_head=domains,
    loss_pseudo=dict(start=0.9),
    feature_scale=5.0,
)
train_cfg = dict(max_epochs=max_epochs, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
param_scheduler = [
    dict(
        type='InverseDecayLR',
        end=max_epochs,
        shift=1 / max_epochs,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
features = dict(extraction=_base_.extraction, pipeline=[segments, packing])
train_dataloader = dict(
    sampler=dict(class_balanced=False),
    dataset=dict(source=features, target=features),
)
val_dataloader = dict(
    dataset=dict(
        extraction=_base_.extraction,
        pipeline=[dict(test_mode=True, **segments), packing],
    )
)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=_base_.train_dataloader.batch_size)
