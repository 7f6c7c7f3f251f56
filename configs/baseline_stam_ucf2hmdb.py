# The paper's Baseline, UCF101 to HMDB51, STAM: 93.4 in Table I.
_base_ = [
    '_base_/settings/stam_ucf2hmdb.py',
    '_base_/methods/baseline.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
