# Source only on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
