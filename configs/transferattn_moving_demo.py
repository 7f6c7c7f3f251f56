# TransferAttn on the embedded benchmark, from the frames that move.
_base_ = [
    '_base_/settings/demo_moving.py',
    '_base_/methods/transferattn.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
