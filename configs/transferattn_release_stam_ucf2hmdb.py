# TransferAttn as the authors' code runs it, UCF101 to HMDB51, STAM.
_base_ = [
    '_base_/settings/stam_ucf2hmdb.py',
    '_base_/methods/transferattn_release.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
