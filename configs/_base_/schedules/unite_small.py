# The same at a lower rate: the net has learnt already.
_base_ = 'unite_small_source.py'
optim_wrapper = dict(optimizer=dict(lr=3e-4))
