# MA2LT-D, JHMDB to UTD-MHAD, joints.
_base_ = [
    '_base_/settings/skeleton_jhmdb2utd.py',
    '_base_/methods/ma2ltd_small.py',
    '_base_/schedules/small_data_100e.py',
]
model = _base_._method.model
optim_wrapper = dict(optimizer=dict(lr=3e-3))
