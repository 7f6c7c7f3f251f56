# 16 frames of 64 pixels, all of a frame, one of each of as many segments: for
# small nets that learn from the start.
_frames64 = dict(type='UniformSample', clip_len=16)
_read64 = [
    dict(type='VideoInit'),
    _frames64,
    dict(type='VideoDecode'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
]
_pack64 = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_view64 = [*_read64, *_pack64]
_tested64 = dict(
    batch_size=16,
    dataset=dict(
        pipeline=[
            _read64[0],
            dict(test_mode=True, **_frames64),
            *_read64[2:],
            *_pack64,
        ]
    ),
)
