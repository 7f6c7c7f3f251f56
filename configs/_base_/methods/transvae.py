# TranSVAE: a sequential autoencoder puts the domain in a static factor, the
# relations of the dynamic ones are classified; pseudo-labels after a tenth of
# the epochs. All linear maps start from N(0, 0.01^2).
plain = dict(type='Normal', layer='Linear', std=0.01, bias=0)
discriminator = dict(
    type='DomainHead',
    dropout=0.0,
    num_layers=1,
    num_logits=2,
    grl=dict(ramp=None),
    loss_weight=0.5,  # the mean of the domains, not their sum
    init_cfg=plain,
)
model = dict(
    type='UDARecognizer',
    neck=dict(
        type='TranSVAENeck',
        num_frames=8,
        embed_dims=1024,
        hidden_channels=512,
        latent_channels=512,
        relation_channels=256,
        dropout=0.5,
        frame_head=dict(hidden_channels=512, **discriminator),
        relation_head=dict(hidden_channels=256, **discriminator),
        domain_attention=True,
        mi_variance='released',
        init_cfg=plain,
    ),
    cls_head=dict(type='MLPClsHead', frozen=False, init_cfg=plain),
    domain_head=dict(hidden_channels=256, **discriminator),
    loss_pseudo=dict(type='PseudoLabelLoss', threshold=0.93, start=0.1),
    feature_scale=None,
)
