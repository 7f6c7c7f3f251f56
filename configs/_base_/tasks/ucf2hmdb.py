# UCF101 labelled, HMDB51 not. UCF-HMDB_full, 12 classes: 1438 / 571 videos of
# UCF101, 840 / 360 of HMDB51 for training / test; tools/data/ucf_hmdb makes
# the lists.
_base_ = '../tokens.py'
_classes = (
    'climb fencing golf kick_ball pullup punch pushup ride_bike ride_horse '
    'shoot_ball shoot_bow walk'
).split()
_lists = {
    f'{name}_{split}': dict(
        videos=dict(
            ann_file=f'data/ucf_hmdb_full/{name}_{split}.txt',
            data_prefix=dict(video=f'data/{folder}/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for name, folder in dict(ucf='ucf101', hmdb='hmdb51').items()
    for split in ('train', 'test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
train_dataloader = dict(
    dataset=dict(source=_lists['ucf_train'], target=_lists['hmdb_train'])
)
val_dataloader = test_dataloader = dict(dataset=_lists['hmdb_test'])
val_cfg = dict(source=_lists['ucf_test'])
