# UDAVT with TVT's attention in the last layer. No code of it exists; the
# layer itself drops out what the attention returns.
_base_ = 'udavt.py'
_method = dict(
    model=dict(
        neck=dict(
            init_cfg=dict(new=('discriminator',)),
            last_attention=dict(
                type='TransferabilityAdaptionAttention',
                class_token=True,
                dropout=0.1,
                proj_dropout=0.0,
                loss_weight=0.01,
                grl=dict(amplitude=1.0, ramp='epoch'),
            ),
        )
    )
)
