# Learns from target labels: the upper bound on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/target_only.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

_base_._method.model = fit(_base_._method.model, _base_._numbers)
globals().update(_base_._method)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
