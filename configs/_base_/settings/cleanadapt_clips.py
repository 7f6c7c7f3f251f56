# How CleanAdapt reads a video: 16 consecutive frames, from a random start in
# training, the middle ones otherwise; a short video repeats its last frame.
_clip = dict(type='SampleFrames', clip_len=16, out_of_bound_opt='repeat_last')
_resize = [dict(type='DecordDecode'), dict(type='Resize', scale=(-1, 256))]
_packing = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
weak_view = [
    dict(type='DecordInit'),
    _clip,
    *_resize,
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    *_packing,
]
strong_view = [
    dict(type='DecordInit'),
    _clip,
    *_resize,
    dict(type='ClipRandAugment', magnitude=9, num_layers=3, prob=0.5),
    dict(type='CenterCrop', crop_size=224),
    *_packing,
]
centre_view = [
    dict(type='DecordInit'),
    dict(test_mode=True, **_clip),
    *_resize,
    dict(type='CenterCrop', crop_size=224),
    *_packing,
]
# The same with flow behind RGB; what changes pixels lies in front of it.
_flow = [dict(type='ComputeFlow', bound=20, keep_rgb=True), *_packing]
two_stream = dict(
    weak_view=[*weak_view[:-2], *_flow],
    strong_view=[*strong_view[:-2], *_flow],
    centre_view=[*centre_view[:-2], *_flow],
)
