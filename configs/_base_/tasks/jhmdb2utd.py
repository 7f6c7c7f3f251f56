# JHMDB labelled, UTD-MHAD not: annotated joints of web videos to those of
# Kinect, 10 classes, 14 joints in the plane and their velocities; 298 / 120
# videos of JHMDB, 160 / 159 of UTD-MHAD for training / test;
# tools/data/skeletons makes lists and tokens.
_base_ = '../one_view.py'
_classes = 'catch clap pick push run sit stand throw walk wave'.split()
_lists = {
    f'{name}_{split}': dict(
        videos=dict(
            ann_file=f'data/jhmdb_utd/{name}_{split}.txt',
            data_prefix=dict(video=f'data/jhmdb_utd/{name}'),
            metainfo=dict(classes=_classes),
        )
    )
    for name in ('jhmdb', 'utd')
    for split in ('train', 'test')
}
model = dict(
    neck=dict(in_channels=2 * 14 * 2), cls_head=dict(num_classes=len(_classes))
)
train_dataloader = dict(
    dataset=dict(source=_lists['jhmdb_train'], target=_lists['utd_train'])
)
val_dataloader = test_dataloader = dict(dataset=_lists['utd_test'])
val_cfg = dict(source=_lists['jhmdb_test'])
