# Kinetics labelled, NEC-Drone not, 7 classes; 8188 videos of Kinetics, 435 /
# 228 of NEC-Drone for training / test; tools/data/kinetics_necdrone makes the
# lists. TransferAttn's numbers for this task.
_base_ = 'features.py'
num_classes = 7
transferattn = dict(grl=dict(amplitude=0.5), ib_head=dict(loss_weight=0.025))
# TA3N published nothing here: coefficients of UCF101 to HMDB51. Its rule, an
# epoch is one pass over the source by 128, would leave 6 target videos a step.
ta3n = dict(
    relation=0.75,
    video=0.75,
    frame=0.5,
    entropy=0.003,
    batch=128,
    epoch='source',
)
udavt = dict(queue_size=2048, loss_weight=0.025)  # of its ib_head
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
