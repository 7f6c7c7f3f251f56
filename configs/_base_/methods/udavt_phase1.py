# UDAVT, phase 1: from source labels alone, end to end, learn the norms, class
# tokens and position tables of both stages of STAM, the patch embedding and a
# new classifier; 8 videos a step. STAM's official file holds both stages.
_tested = dict(batch_size=8, dataset=dict(pipeline=None))
_method = dict(
    model=dict(
        type='UDARecognizer',
        backbone=dict(
            type='TunedBackbone',
            cached=False,
            trainable=('norm', 'cls_token', 'pos_embed', 'patch_embed'),
        ),
        neck=dict(
            type='ClassTokenNeck',
            num_frames=16,
            trainable=('norm', 'cls_token', 'pos_embed'),
            init_cfg=dict(
                type='StoredInit',
                checkpoint='checkpoints/stam_16.pth',
                prefix='aggregate.',
            ),
        ),
        cls_head=dict(type='MLPClsHead', frozen=False),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=8,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(target=None, pipeline=None),
    ),
    val_dataloader=_tested,
    test_dataloader=_tested,
    auto_scale_lr=dict(base_batch_size=8),
)
