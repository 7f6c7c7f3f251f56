# MA2LT-D on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/ma2ltd_small.py',
    '_base_/schedules/demo.py',
]
model = _base_._method.model
optim_wrapper = dict(optimizer=dict(lr=3e-3))
