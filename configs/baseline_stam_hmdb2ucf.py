# The paper's Baseline, HMDB51 to UCF101, STAM: 98.9 in Table I.
_base_ = [
    '_base_/settings/stam_hmdb2ucf.py',
    '_base_/methods/baseline.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
model.domain_head.grl.amplitude = 0.5  # the released run's for this task
