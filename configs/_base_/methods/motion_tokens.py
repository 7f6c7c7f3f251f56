# Motion tokens, after LMFT's idea: patches that hardly move are left out of a
# vision transformer, by a threshold that it learns. Source labels, and those
# target labels that a teacher is sure of. Its scores (CLIP zero-shot) are in
# the file `scores`; without one set model.loss_pseudo.labels='own' and take
# TeacherScores out of the pipeline.
_base_ = 'unite_source.py'
_view = [*_base_._start, *_base_._crop, *_base_._clip_pack]
_scored = [
    dict(type='TeacherScores', scores='scores/target.safetensors'),
    *_view[:-1],
    dict(type='PackActionInputs', algorithm_keys=('teacher_scores',)),
]
_method = dict(
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
            source=dict(pipeline=_view),
            target=dict(pipeline=_scored),
        ),
    ),
    auto_scale_lr=dict(base_batch_size=32),
)
