# TransferAttn as the paper states it; transferattn_release.py is the code.
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='TransformerNeck',
            embed_dims=512,
            hidden_channels=2048,
            depth=4,
            num_heads=8,
            attention=dict(type='MultiheadSelfAttention', dropout=0.2),
            last_attention=dict(  # DTAB, Eq. 4-6
                type='MultiheadDomainTransferableAttention',
                dde_label='by_domain',
                disc_supervision='none',
                hidden_channels=1024,
                grl=dict(amplitude=1.0, ramp='epoch'),
            ),
        ),
        feature_scale=1 / 0.07,  # the release's; the paper is silent
        cls_head=dict(type='MLPClsHead', frozen=True, seed=0),
        domain_head=dict(  # Eq. 3
            type='DomainHead',
            hidden_channels=1024,
            dropout=0.2,
            grl=dict(amplitude=1.0, ramp='epoch'),
        ),
        loss_entropy=dict(  # Eq. 2
            type='EntropyLoss',
            entropy_reduction='sum',
            diversity_weight=0.0,
            loss_weight=1.0,
        ),
        ib_head=dict(  # Eq. 7-8
            type='InformationBottleneckHead',
            projector=dict(channels=(1024, 1024, 1024), frozen=True, seed=0),
            queue_size=512,  # Q in Fig. 2a, as long as the release's
            ib_placement='block',
            ib_pairs='class',
            ib_normalize='correlation',
            loss_weight=0.001,
        ),
    )
)
