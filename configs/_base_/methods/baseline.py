# The paper's Baseline: domain adversarial training and target entropy.
_base_ = 'dann.py'
_method = dict(
    model=dict(
        loss_entropy=dict(  # Eq. 2
            type='EntropyLoss',
            entropy_reduction='sum',
            diversity_weight=0.0,
            loss_weight=1.0,
        )
    )
)
