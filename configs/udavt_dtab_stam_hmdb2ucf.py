# UDAVT with MDTA in the last layer, HMDB51 to UCF101, STAM: 97.9 in Table III.
_base_ = [
    '_base_/settings/stam_frames_hmdb2ucf.py',
    '_base_/methods/udavt_dtab.py',
    '_base_/schedules/udavt.py',
]
_attention = _base_._method.model.neck.last_attention
_attention.grl.amplitude = 0.5  # TransferAttn's for this task
globals().update(_base_._method)
