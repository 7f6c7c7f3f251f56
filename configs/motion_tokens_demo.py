# Motion tokens on the videos of the embedded benchmark, without a teacher.
_base_ = [
    '_base_/settings/demo_vit.py',
    '_base_/methods/motion_tokens_small.py',
    '_base_/schedules/motion_tokens_small.py',
]
globals().update(_base_._method)
