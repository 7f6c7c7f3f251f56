# TransferAttn, Northwestern-UCLA, camera 1 to 3, joints.
_base_ = [
    '_base_/settings/skeleton_nwucla1to3.py',
    '_base_/methods/transferattn.py',
    '_base_/schedules/small_data_100e.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
