# TA3N, JHMDB to UTD-MHAD, joints.
_base_ = [
    '_base_/settings/skeleton_jhmdb2utd.py',
    '_base_/methods/ta3n_small.py',
    '_base_/schedules/small_data_100e.py',
]
globals().update(_base_._method)
