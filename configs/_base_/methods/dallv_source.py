# DALL-V, stage 1: an adapter behind CLIP learns from source labels.
_base_ = 'clip_zero_shot.py'  # which frames are read
_method = dict(
    _delete_=True,
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='AdapterNeck',
            num_frames=16,
            reduction=4,
            normalize=False,
            test_fusion='before',
        ),
        cls_head=dict(
            type='TextClsHead',
            templates='action_clip',
            order='probs_over_templates',
            scale=100.0,
            text_loss=dict(type='TextContrastiveLoss', labels='given'),
        ),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=24,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(target=None, pipeline=_base_._clip_drawn),
    ),
    val_dataloader=_base_._clip_middle,
    test_dataloader=_base_._clip_middle,
    auto_scale_lr=dict(base_batch_size=24),
)
