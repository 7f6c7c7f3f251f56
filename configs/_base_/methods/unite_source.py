# UNITE's second stage: a vision transformer learns from source labels, all of
# it, the mean of its tokens behind a norm. 16 frames, one of each of as many
# segments. It begins with the setting's weights; UNITE's first stage, which
# prepares them on target videos, is left out.
_frames = dict(type='UniformSample', clip_len=16)
_start = [dict(type='VideoInit'), _frames, dict(type='VideoDecode')]
_crop = [
    dict(type='RandomResizedCrop', area_range=(0.08, 1.0)),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
]
_clip_pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_strong_view = [
    *_start,
    dict(type='ClipRandAugment', magnitude=7, num_layers=4),
    *_crop,
    dict(type='RandomErasing', erase_prob=0.25, mode='rand'),
]
_tested = dict(
    batch_size=8,
    dataset=dict(
        extraction=None,
        pipeline=[
            dict(type='VideoInit'),
            dict(test_mode=True, **_frames),
            dict(type='VideoDecode'),
            dict(type='Resize', scale=(-1, 224)),
            dict(type='CenterCrop', crop_size=224),
            *_clip_pack,
        ],
    ),
)
_method = dict(
    # Of a net, what lies behind its tokens learns nothing.
    find_unused_parameters=True,
    model=dict(
        type='UDARecognizer',
        backbone=dict(type='TunedBackbone', cached=False, window=None),
        neck=dict(type='MeanNeck', num_frames=None, norm=True),
        cls_head=dict(
            type='MLPClsHead',
            frozen=False,
            init_cfg=dict(type='TruncNormal', layer='Linear', std=2e-5),
        ),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=28,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(
            target=None, extraction=None, pipeline=[*_strong_view, *_clip_pack]
        ),
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
    auto_scale_lr=dict(base_batch_size=28),
)
