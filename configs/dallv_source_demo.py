# DALL-V, stage 1, on the embedded benchmark.
_base_ = [
    '_base_/settings/clip_projected_demo.py',
    '_base_/methods/dallv_source.py',
    '_base_/schedules/dallv.py',
]
globals().update(_base_._method)
