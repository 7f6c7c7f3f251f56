# UDAVT with MDTA in the last layer, UCF101 to HMDB51, STAM: 94.2 in Table III.
_base_ = [
    '_base_/settings/stam_frames_ucf2hmdb.py',
    '_base_/methods/udavt_dtab.py',
    '_base_/schedules/udavt.py',
]
globals().update(_base_._method)
