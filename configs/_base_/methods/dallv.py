# DALL-V: without source videos, a student adapter learns of CLIP and of the
# adapters of both domains, all target videos, 4 a step.
_base_ = 'dallv_source.py'
_method = dict(
    stages=dict(
        clip=dict(config='clip_zero_shot_dallv'),
        source=dict(config='dallv_source'),
        target=dict(config='dallv_target'),
    ),
    model=dict(
        data_preprocessor=dict(train_domain='target'),
        neck=dict(normalize=True),
        cls_head=dict(
            text_loss=dict(
                _delete_=True,
                type='AdapterDistillationLoss',
                temperature=2.0,
                distillation=0.9,
                label_weights=(0.5, 0.3, 0.2),
                label_rule='paper',
                source=dict(
                    init_cfg=dict(
                        type='StoredInit',
                        checkpoint='stage://source/weights.safetensors',
                        prefix='neck.adapter.',
                    )
                ),
                target=dict(
                    init_cfg=dict(
                        type='StoredInit',
                        checkpoint='stage://target/weights.safetensors',
                        prefix='neck.adapter.',
                    )
                ),
            )
        ),
        label_domain='target',
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=4,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(source=None, pipeline=_base_._clip_drawn),
    ),
    auto_scale_lr=dict(base_batch_size=4),
)
