# UDAVT with TAM in the last layer, UCF101 to HMDB51, STAM: 92.5 in Table III.
_base_ = [
    '_base_/settings/stam_frames_ucf2hmdb.py',
    '_base_/methods/udavt_tam.py',
    '_base_/schedules/udavt.py',
]
globals().update(_base_._method)
