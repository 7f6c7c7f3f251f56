# TransferAttn as the paper states it; transferattn_release.py is the code.
_base_ = 'baseline.py'
model = dict(
    neck=dict(
        last_attention=dict(  # DTAB, Eq. 4-6
            type='MultiheadDomainTransferableAttention',
            dde_label='by_domain',
            disc_supervision='none',
            hidden_channels=1024,
            grl=dict(amplitude=1.0, ramp='epoch'),
        )
    ),
    ib_head=dict(  # Eq. 7-8
        type='InformationBottleneckHead',
        projector=dict(channels=(1024, 1024, 1024), frozen=True, seed=0),
        queue_size=0,
        ib_placement='block',
        ib_pairs='class',
        ib_normalize='correlation',
        loss_weight=0.001,
    ),
)
