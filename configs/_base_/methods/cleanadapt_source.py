# CleanAdapt's first stage: backbone and classifier learnt end to end from
# source labels, on the logits averaged over streams. A video is read as 16
# consecutive frames, from a random start in training, the middle ones
# otherwise; a short video repeats its last frame. Batch norms take
# the statistics of the batch; the last, incomplete one of an epoch counts.
_clip = dict(type='SampleFrames', clip_len=16, out_of_bound_opt='repeat_last')
_clip_decode = [dict(type='VideoDecode'), dict(type='Resize', scale=(-1, 256))]
_clip_pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
_weak_view = [
    dict(type='VideoInit'),
    _clip,
    *_clip_decode,
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
]
_strong_view = [
    dict(type='VideoInit'),
    _clip,
    *_clip_decode,
    dict(type='ClipRandAugment', magnitude=9, num_layers=3, prob=0.5),
    dict(type='CenterCrop', crop_size=224),
]
_centre_view = [
    dict(type='VideoInit'),
    dict(test_mode=True, **_clip),
    *_clip_decode,
    dict(type='CenterCrop', crop_size=224),
]
_tested = dict(
    dataset=dict(extraction=None, pipeline=[*_centre_view, *_clip_pack])
)
_method = dict(
    # Of a net, what lies behind its tokens learns nothing.
    find_unused_parameters=True,
    model=dict(
        type='UDARecognizer',
        backbone=dict(
            type='TunedBackbone', cached=False, window=None, norm_eval=False
        ),
        neck=dict(type='MeanNeck', num_frames=None, dropout=0.5),
        cls_head=dict(type='MLPClsHead', frozen=False, fuse_views=True),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=48,
        drop_last=False,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(
            target=None, extraction=None, pipeline=[*_weak_view, *_clip_pack]
        ),
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
    auto_scale_lr=dict(base_batch_size=48),
)
