# MMD on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/mmd.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
model.loss_align.loss_weight = 1.0
optim_wrapper = dict(optimizer=dict(lr=3e-4))
