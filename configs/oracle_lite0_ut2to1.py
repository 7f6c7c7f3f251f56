# Learns from target labels: the upper bound, UT-Interaction, set 2 to 1,
# EfficientNet-Lite0.
_base_ = [
    '_base_/settings/lite0_ut2to1.py',
    '_base_/methods/target_only.py',
    '_base_/schedules/small_data_100e.py',
]
from mmaction_uda.config import fit

_base_._method.model = fit(_base_._method.model, _base_._numbers)
globals().update(_base_._method)
