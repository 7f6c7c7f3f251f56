# For fewer than 10 steps an epoch. With the released weight of 1 and norm of
# 1 / 0.07 the entropy term settles on one class before the encoder has learnt
# any; a discriminator that lags behind ends there too. With the entropy of the
# mean prediction taken off it does not (docs/real_tasks.md). The nets are
# small enough for two CPU cores.
_encoder = dict(embed_dims=128, hidden_channels=128, depth=2, num_heads=4)
_neck = dict(
    type='TransformerNeck',
    attention=dict(type='MultiheadSelfAttention', dropout=0.2),
    **_encoder,
)
_attention = dict(hidden_channels=128, grl=dict(amplitude=0.1))
# Laid over what a method states: fit() in mmaction_uda/config.
_numbers = dict(
    neck=dict(
        last_attention=_attention,
        neck=dict(last_attention=_attention, **_encoder),  # of each modality
        **_encoder,
    ),
    domain_head=dict(hidden_channels=512, grl=dict(amplitude=0.1)),
    loss_entropy=dict(loss_weight=0.1, diversity_weight=1.0),
    loss_align=dict(loss_weight=0.1),  # of MMD and JAN; with 1 all is one
    ib_head=dict(
        projector=dict(channels=(128, 128, 128)),
        queue_size=0,
        loss_weight=0.001,
    ),
    feature_scale=5.0,
)
train_cfg = dict(type='UDATrainLoop', max_epochs=60, val_interval=10)
_faster = dict(lr_mult=5.0)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=3e-4),
    paramwise_cfg=dict(
        custom_keys={  # discriminators, of one method or another
            'domain_head': _faster,
            'frame_head': _faster,
            'relation_heads': _faster,
            'attn.discriminator': _faster,
        }
    ),
)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
