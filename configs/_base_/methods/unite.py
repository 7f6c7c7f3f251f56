# UNITE's third stage: the source model goes on with source labels, and with
# target labels that it and a teacher, CLIP zero-shot, agree on, or one of them
# is sure of. It predicts whole weak views, and learns from strong ones of
# which it sees a fifth; its classifier is fixed.
_base_ = 'unite_source.py'
_weights = 'stage://source/weights.safetensors'
_strong = [
    *_base_._start,
    dict(type='ClipRandAugment', magnitude=3, num_layers=2),
    *_base_._crop,
    *_base_._clip_pack,
]
_weak = [
    *_base_._start,
    dict(type='Resize', scale=(-1, 224)),
    dict(type='CenterCrop', crop_size=224),
    *_base_._clip_pack,
]
_method = dict(
    stages=dict(
        teacher=dict(config='clip_zero_shot@clip_projected_TASK'),
        source=dict(config='unite_source'),
    ),
    model=dict(
        type='SelfTrainingRecognizer',
        backbone=dict(checkpoint=_weights, seed=None),
        neck=dict(
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='neck.'
            )
        ),
        cls_head=dict(
            frozen=True,
            init_cfg=dict(
                _delete_=True,
                type='StoredInit',
                checkpoint=_weights,
                prefix='cls_head.',
            ),
        ),
        mask=dict(type='PatchMask', ratio=0.8, num_masks=2),
        loss_pseudo=dict(type='MatchOrConfLoss', threshold=0.1),
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=20,
        sampler=dict(epoch_length='max', class_balanced=False),
        dataset=dict(
            extraction=None,
            pipeline=_strong,
            weak=_weak,
            teacher='stage://teacher/scores.safetensors',
        ),
    ),
    auto_scale_lr=dict(base_batch_size=20),
)
