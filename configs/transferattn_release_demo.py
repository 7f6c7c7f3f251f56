# TransferAttn as the authors' code runs it, on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transferattn_release.py',
    '_base_/schedules/demo.py',
]
from mmaction_uda.config import fit

model = fit(_base_._method.model, _base_._numbers)
# The mean over classes is 1 / 8 of the sum: the same weight of both.
model.loss_entropy.loss_weight = 0.8
model.ib_head.queue_size = 512
optim_wrapper = dict(optimizer=dict(lr=3e-4))
