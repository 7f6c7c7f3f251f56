# Co-STAR: without source videos, the source model goes on with what its moving
# average and CLIP say of target videos, with labels as far as these agree.
_base_ = 'costar_source.py'
_weights = 'stage://source/weights.safetensors'
_method = dict(
    stages=dict(
        clip=dict(config='clip_zero_shot_costar'),
        source=dict(config='costar_source'),
    ),
    model=dict(
        type='MeanTeacherRecognizer',
        momentum=0.001,
        data_preprocessor=dict(train_domain='target'),
        neck=dict(
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='neck.'
            )
        ),
        cls_head=dict(
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='cls_head.'
            )
        ),
        label_domain=None,
        loss_pseudo=dict(
            type='CoSTARLoss',
            reliability_temperature=0.25,
            label_temperature=0.01,
            limits=(0.0, 0.6),
            weighting='row',
            curriculum=dict(scale=4.0, ratio=0.4, mix=0.4),
        ),
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=32,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(
            source=None,
            pipeline=_base_._clip_drawn,
            teacher='stage://clip/scores.safetensors',
        ),
    ),
    auto_scale_lr=dict(base_batch_size=32),
)
