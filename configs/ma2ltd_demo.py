# MA2LT-D on the embedded benchmark, small: scales of 14, 10 and 2 steps. Its
# schedule and single view are TransferAttn's there; the amplitude of the
# reversal was tuned there, the rest is its method's.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/ma2ltd.py',
    '_base_/schedules/demo.py',
]
model = _base_._method.model
model.neck.update(num_frames=16, embed_dims=128)
model.neck.domain_head.update(
    dilations=(1, 2, 4), hidden_channels=128, grl=dict(amplitude=0.3)
)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
