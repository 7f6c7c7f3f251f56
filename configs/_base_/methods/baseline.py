# The paper's Baseline: domain adversarial training and target entropy.
_base_ = 'source_only.py'
model = dict(
    loss_entropy=dict(type='EntropyLoss', entropy_reduction='sum'),  # Eq. 2
    domain_head=dict(  # Eq. 3
        type='DomainHead',
        hidden_channels=1024,
        dropout=0.2,
        grl=dict(amplitude=1.0, ramp='epoch'),
    ),
)
