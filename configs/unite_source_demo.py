# First stage of unite_demo: a small vision transformer learns from the source
# videos of the embedded benchmark, from the start.
_base_ = [
    '_base_/settings/demo_vit.py',
    '_base_/methods/unite_small_source.py',
    '_base_/schedules/unite_small_source.py',
]
globals().update(_base_._method)
