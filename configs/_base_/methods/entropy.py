# Information maximisation on the target alone: sure of each, diverse over all.
_base_ = 'source_only.py'
_method = dict(
    model=dict(loss_entropy=dict(type='EntropyLoss', diversity_weight=1.0))
)
