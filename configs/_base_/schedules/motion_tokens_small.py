# As for UNITE's small net; the threshold learns faster than the net.
_base_ = 'unite_small_source.py'
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'backbone.select': dict(lr_mult=10.0)})
)
