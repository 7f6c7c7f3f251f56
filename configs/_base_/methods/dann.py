# DANN: domain adversarial training alone.
_base_ = 'source_only.py'
_method = dict(
    model=dict(
        domain_head=dict(  # Eq. 3 of TransferAttn
            type='DomainHead',
            hidden_channels=1024,
            dropout=0.2,
            grl=dict(amplitude=1.0, ramp='epoch'),
        )
    )
)
