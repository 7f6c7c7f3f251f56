# CORAL distance of the domains in place of an adversary.
_base_ = 'source_only.py'
model = dict(loss_align=dict(type='CORALLoss'))
