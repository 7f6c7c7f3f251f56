# TA3N: also a domain head on the relations of every scale, attention to the
# scales whose domain is told easily, entropy where the video's is not. The
# coefficients are those for UCF101 to HMDB51.
_base_ = 'ta3n_temrelation.py'
_method = dict(
    model=dict(
        neck=dict(
            relation_head=dict(
                _base_._discriminator,
                hidden_channels=256,
                init_cfg=dict(type='DefaultInit'),
            ),
            domain_attention=True,
        ),
        loss_entropy=dict(type='AttentiveEntropyLoss', loss_weight=0.003),
    )
)
