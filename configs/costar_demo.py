# Co-STAR on the embedded benchmark.
_base_ = [
    '_base_/settings/clip_projected_demo.py',
    '_base_/methods/costar.py',
    '_base_/schedules/costar.py',
]
globals().update(_base_._method)
