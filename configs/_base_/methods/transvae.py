# TranSVAE: a sequential autoencoder puts the domain in a static factor, the
# relations of the dynamic ones are classified; pseudo-labels after a tenth of
# the epochs. All linear maps start from N(0, 0.01^2). The centres of 8
# segments are read, in training too.
_plain = dict(type='Normal', layer='Linear', std=0.01, bias=0)
_discriminator = dict(
    type='DomainHead',
    dropout=0.0,
    num_layers=1,
    num_logits=2,
    grl=dict(ramp=None),
    loss_weight=0.5,  # the mean of the domains, not their sum
    init_cfg=_plain,
)
_reading = dict(
    pipeline=[
        dict(type='SampleFeature', num_frames=8, num_views=1, test_mode=True),
        dict(type='PackActionInputs'),
    ]
)
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='TranSVAENeck',
            num_frames=8,
            embed_dims=1024,
            hidden_channels=512,
            latent_channels=512,
            relation_channels=256,
            dropout=0.5,
            frame_head=dict(hidden_channels=512, **_discriminator),
            relation_head=dict(hidden_channels=256, **_discriminator),
            domain_attention=True,
            mi_variance='released',
            static_variance='negative',
            init_cfg=_plain,
        ),
        cls_head=dict(type='MLPClsHead', frozen=False, init_cfg=_plain),
        domain_head=dict(hidden_channels=256, **_discriminator),
        loss_pseudo=dict(type='PseudoLabelLoss', threshold=0.93, start=0.1),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=128, sampler=dict(class_balanced=False), dataset=_reading
    ),
    val_dataloader=dict(dataset=_reading),
    test_dataloader=dict(dataset=_reading),
    auto_scale_lr=dict(base_batch_size=128),
    default_hooks=dict(checkpoint=dict(interval=10)),
)
