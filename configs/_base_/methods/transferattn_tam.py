# TransferAttn with TVT's attention in place of MDTA (the paper's ablation).
_base_ = 'transferattn.py'
_method = dict(
    model=dict(
        neck=dict(
            last_attention=dict(
                _delete_=True,
                type='TransferabilityAdaptionAttention',
                loss_weight=0.01,
                grl=dict(amplitude=1.0, ramp='epoch'),
            )
        )
    )
)
