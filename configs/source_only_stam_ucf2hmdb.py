# Source only, UCF101 to HMDB51, STAM: 86.9 in Table I; schedule of
# TransferAttn's released code.
_base_ = [
    '_base_/settings/stam_ucf2hmdb.py',
    '_base_/methods/source_only.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
