# TA3N on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/ta3n_small.py',
    '_base_/schedules/demo.py',
]
globals().update(_base_._method)
