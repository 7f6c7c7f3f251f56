# DALL-V, stage 1: an adapter behind CLIP learns from source labels.
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='AdapterNeck',
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
        dataset=dict(target=None),
    ),
    auto_scale_lr=dict(base_batch_size=24),
)
