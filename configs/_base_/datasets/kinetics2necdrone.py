# Kinetics labelled, NEC-Drone not, 7 classes; 8188 videos of Kinetics, 435 /
# 228 of NEC-Drone for training / test; tools/data/kinetics_necdrone makes the
# lists. TransferAttn's numbers for this task.
_base_ = 'features.py'
num_classes = 7
transferattn = dict(grl=dict(amplitude=0.5), ib_head=dict(loss_weight=0.025))
metainfo = dict(
    classes=[
        'walking',
        'running',
        'jumping',
        'drinking',
        'throwing',
        'shaking_hands',
        'hugging',
    ]
)
lists = {}
for split, prefix in (
    ('kinetics_train', 'data/kinetics/videos'),
    ('nec_train', 'data/nec_drone/videos'),
    ('nec_test', 'data/nec_drone/videos'),
):
    lists[split] = dict(
        store=f'data/kinetics_necdrone/features/{split}',
        videos=dict(
            ann_file=f'data/kinetics_necdrone/{split}.txt',
            data_prefix=dict(video=prefix),
            metainfo=metainfo,
        ),
    )
del split, prefix
train_dataloader = dict(
    batch_size=64,
    dataset=dict(source=lists['kinetics_train'], target=lists['nec_train']),
)
val_dataloader = dict(dataset=lists['nec_test'])
test_dataloader = val_dataloader
