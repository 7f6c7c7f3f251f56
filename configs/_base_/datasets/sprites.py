# Sprites, domain 1 to domain 2. There is no split: the target is trained on
# without its labels and evaluated, all 900 sequences.
data_root = 'data/sprites/npy'
num_classes = 15
pipeline = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'attributes')),
]
source = dict(
    type='SpritesDataset', root=f'{data_root}/domain_1', pipeline=pipeline
)
target = dict(
    type='SpritesDataset', root=f'{data_root}/domain_2', pipeline=pipeline
)
train_dataloader = dict(
    batch_size=30,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(
        type='DomainPairSampler', epoch_length='target', class_balanced=False
    ),
    dataset=dict(type='DomainPairDataset', source=source, target=target),
)
val_dataloader = dict(
    batch_size=30,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(test_mode=True, **target),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='AccMetric',
    metric_list=('top_k_accuracy', 'mean_class_accuracy'),
    metric_options=dict(top_k_accuracy=dict(topk=(1,))),
)
test_evaluator = val_evaluator
