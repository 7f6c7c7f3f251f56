# Source only, HMDB51 to UCF101, STAM: 93.7 in Table I; schedule of
# TransferAttn's released code.
_base_ = [
    '_base_/settings/stam_hmdb2ucf.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
