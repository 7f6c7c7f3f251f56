# Sprites, domain 1 to domain 2, raw frames. There is no split: the target is
# trained on without its labels and evaluated, all 900 sequences.
_base_ = '../default_runtime.py'
_pipeline = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'attributes')),
]
_source, _target = (
    dict(type='SpritesDataset', root=f'data/sprites/npy/domain_{n}')
    for n in (1, 2)
)
model = dict(neck=dict(num_frames=8), cls_head=dict(num_classes=15))
train_dataloader = dict(
    batch_size=30,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(
        type='DomainPairSampler', epoch_length='target', class_balanced=False
    ),
    dataset=dict(
        type='DomainPairDataset',
        pipeline=_pipeline,
        source=_source,
        target=_target,
    ),
)
val_dataloader = test_dataloader = dict(
    batch_size=30,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(pipeline=_pipeline, test_mode=True, **_target),
)
auto_scale_lr = dict(enable=False, base_batch_size=30)
