# TransferAttn with CLIP as a teacher on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transferattn_teacher.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

_base_._method.model = fit(_base_._method.model, _base_._numbers)
globals().update(_base_._method)
