# Source only, Northwestern-UCLA, camera 3 to 1, joints.
_base_ = [
    '_base_/settings/skeleton_nwucla3to1.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/small_data_100e.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
