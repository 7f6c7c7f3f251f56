# The paper's Baseline, HMDB51 to UCF101, I3D: 95.2 in Table I.
_base_ = [
    '_base_/settings/i3d_hmdb2ucf.py',
    '_base_/methods/baseline.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
model.domain_head.grl.amplitude = 0.5  # the released run's for this task
