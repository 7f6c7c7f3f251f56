# UDAVT, UCF101 to HMDB51, STAM: 92.3 in Table I. Its own phase 1 comes first.
_base_ = [
    '_base_/settings/stam_frames_ucf2hmdb.py',
    '_base_/methods/udavt.py',
    '_base_/schedules/udavt.py',
]
globals().update(_base_._method)
