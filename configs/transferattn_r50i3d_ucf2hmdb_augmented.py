# The end-to-end config with random crops and flips, which stored features
# cannot have.
_base_ = 'transferattn_r50i3d_ucf2hmdb_end2end.py'
crop = [
    dict(type='RandomResizedCrop'),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
]
train_pipeline = [
    dict(type='DecordInit'),
    _base_.frames,
    *_base_.decode,
    *crop,
    *_base_.pack,
]
train_dataloader = dict(
    dataset=dict(
        source=dict(pipeline=train_pipeline),
        target=dict(pipeline=train_pipeline),
    )
)
