# CleanAdapt, HMDB51 to UCF101, I3D on RGB and flow tuned end to end: 99.3 in
# Table I.
_base_ = [
    '_base_/settings/i3d_two_stream_hmdb2ucf.py',
    '_base_/methods/cleanadapt_two_stream.py',
    '_base_/schedules/cleanadapt.py',
]
globals().update(_base_._method)
