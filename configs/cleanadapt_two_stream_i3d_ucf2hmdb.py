# CleanAdapt, UCF101 to HMDB51, I3D on RGB and flow tuned end to end: 93.6 in
# Table I.
_base_ = [
    '_base_/settings/i3d_two_stream_ucf2hmdb.py',
    '_base_/methods/cleanadapt_two_stream.py',
    '_base_/schedules/cleanadapt.py',
]
globals().update(_base_._method)
