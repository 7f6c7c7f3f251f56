# The paper's Baseline, UTD-MHAD to JHMDB, joints.
_base_ = [
    '_base_/settings/skeleton_utd2jhmdb.py',
    '_base_/methods/baseline.py',
    '_base_/schedules/small_data_100e.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
