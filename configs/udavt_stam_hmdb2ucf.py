# UDAVT, HMDB51 to UCF101, STAM: 96.8 in Table I. Its own phase 1 comes first.
_base_ = [
    '_base_/settings/stam_frames_hmdb2ucf.py',
    '_base_/methods/udavt.py',
    '_base_/schedules/udavt.py',
]
globals().update(_base_._method)
