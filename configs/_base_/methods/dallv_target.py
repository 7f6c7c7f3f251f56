# DALL-V, stage 2: another adapter learns from target videos, of each class
# that CLIP names the fifth that it is most confident of. Labels are those of
# CLIP on the frames of the step.
_base_ = 'dallv_source.py'
_method = dict(
    stages=dict(clip=dict(config='clip_zero_shot_dallv')),
    model=dict(
        data_preprocessor=dict(train_domain='target'),
        cls_head=dict(text_loss=dict(labels='zero_shot')),
        label_domain='target',
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=24,
        sampler=dict(_delete_=True, type='PseudoLabelSampler', keep_ratio=0.2),
        dataset=dict(
            type='PseudoLabelDataset',
            source=None,
            pipeline=_base_._clip_drawn,
            teacher='stage://clip/scores.safetensors',
        ),
    ),
    default_hooks=dict(
        labels=dict(type='TeacherLabelHook', order='confident')
    ),
)
