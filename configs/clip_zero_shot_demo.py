# CLIP zero-shot on the embedded benchmark.
_base_ = [
    '_base_/settings/clip_projected_demo.py',
    '_base_/methods/clip_zero_shot.py',
    '_base_/schedules/clip_zero_shot.py',
]
globals().update(_base_._method)
