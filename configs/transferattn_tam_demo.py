# TransferAttn with TVT's attention on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transferattn_tam.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
model.neck.last_attention.loss_weight = 0.1
optim_wrapper = dict(optimizer=dict(lr=3e-4))
