# UCF-HMDB_full, 12 classes: 1438 / 571 videos of UCF101, 840 / 360 of HMDB51
# for training / test; tools/data/ucf_hmdb makes the lists.
_base_ = 'features.py'
num_classes = 12
metainfo = dict(
    classes=[
        'climb',
        'fencing',
        'golf',
        'kick_ball',
        'pullup',
        'punch',
        'pushup',
        'ride_bike',
        'ride_horse',
        'shoot_ball',
        'shoot_bow',
        'walk',
    ]
)
prefixes = dict(ucf='data/ucf101/videos', hmdb='data/hmdb51/videos')
lists = {}
for split in ('ucf_train', 'ucf_test', 'hmdb_train', 'hmdb_test'):
    lists[split] = dict(
        store=f'data/ucf_hmdb_full/features/{split}',
        videos=dict(
            ann_file=f'data/ucf_hmdb_full/{split}.txt',
            data_prefix=dict(video=prefixes[split.split('_')[0]]),
            metainfo=metainfo,
        ),
    )
del split
