# The paper's Baseline, UCF101 to HMDB51, I3D: 90.8 in Table I.
_base_ = [
    '_base_/settings/i3d_ucf2hmdb.py',
    '_base_/methods/baseline.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
