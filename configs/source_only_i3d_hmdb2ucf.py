# Source only, HMDB51 to UCF101, I3D: 89.3 in Table I; schedule of
# TransferAttn's released code.
_base_ = [
    '_base_/settings/i3d_hmdb2ucf.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
