# The paper's Baseline: domain adversarial training and target entropy.
_base_ = 'dann.py'
model = dict(
    loss_entropy=dict(type='EntropyLoss', entropy_reduction='sum')  # Eq. 2
)
