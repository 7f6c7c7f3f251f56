# DANN + TemRelation, the second step: a temporal relation network in place of
# the mean; its maps keep PyTorch's initial weights.
_base_ = 'ta3n_tempooling.py'
_method = dict(model=dict(neck=dict(relation_channels=256)))
