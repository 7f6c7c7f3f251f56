# DALL-V on the embedded benchmark.
_base_ = [
    '_base_/settings/clip_projected_demo.py',
    '_base_/methods/dallv.py',
    '_base_/schedules/dallv.py',
]
globals().update(_base_._method)
