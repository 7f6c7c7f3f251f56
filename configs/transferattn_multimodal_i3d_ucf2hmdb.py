# TransferAttn, UCF101 to HMDB51, RGB and flow of I3D, fused late: no published
# setting, the numbers are those of the released run with I3D.
_base_ = [
    '_base_/settings/i3d_two_stream_ucf2hmdb.py',
    '_base_/methods/transferattn_multimodal.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
