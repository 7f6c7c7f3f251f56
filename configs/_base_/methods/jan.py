# JAN distance of the domains in place of an adversary.
_base_ = 'source_only.py'
_method = dict(model=dict(loss_align=dict(type='JANLoss', loss_weight=1.0)))
