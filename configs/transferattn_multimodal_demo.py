# TransferAttn on RGB and optical flow, fused late.
_base_ = [
    '_base_/settings/demo_two_stream.py',
    '_base_/methods/transferattn_multimodal.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
