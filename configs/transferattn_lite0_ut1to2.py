# TransferAttn, UT-Interaction, set 1 to 2, EfficientNet-Lite0.
_base_ = [
    '_base_/settings/lite0_ut1to2.py',
    '_base_/methods/transferattn.py',
    '_base_/schedules/small_data_100e.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
