# UDAVT with MDTA in the last layer, which makes it a DTAB (Table III). No
# code of it exists; the layer itself drops out what the attention returns.
_base_ = 'udavt.py'
_method = dict(
    model=dict(
        neck=dict(
            init_cfg=dict(new=('discriminator',)),
            last_attention=dict(
                type='MultiheadDomainTransferableAttention',
                dde_label='by_domain',
                hidden_channels=1024,
                dropout=0.1,
                proj_dropout=0.0,
                grl=dict(amplitude=1.0, ramp='epoch'),
            ),
        )
    )
)
