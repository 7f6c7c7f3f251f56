# Motion tokens, after LMFT's idea: patches that hardly move are left out of a
# vision transformer, by a threshold that it learns. Source labels, and those
# target labels that a teacher, CLIP zero-shot, is sure of.
_base_ = 'unite_source.py'
_view = [*_base_._start, *_base_._crop, *_base_._clip_pack]
_method = dict(
    stages=dict(teacher=dict(config='clip_zero_shot@clip_projected_TASK')),
    model=dict(
        backbone=dict(select=dict(type='MotionTokens', threshold='learned')),
        loss_pseudo=dict(
            type='PseudoLabelLoss',
            threshold=0.8,
            labels='teacher',
            loss_weight=0.5,
        ),
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=32,
        sampler=dict(epoch_length='max', class_balanced=False),
        dataset=dict(
            extraction=None,
            pipeline=_view,
            teacher='stage://teacher/scores.safetensors',
        ),
    ),
    auto_scale_lr=dict(base_batch_size=32),
)
