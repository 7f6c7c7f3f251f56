# Northwestern-UCLA, camera 1 labelled, camera 3 not: 10 classes, the 20 joints
# of Kinect in space and their velocities; tools/data/skeletons makes lists and
# tokens.
_base_ = '../one_view.py'
_classes = (
    'pick_one_hand pick_two_hands drop_trash walk sit stand don doff throw '
    'carry'
).split()
_lists = {
    f'nwucla{view}_{split}': dict(
        videos=dict(
            ann_file=f'data/nwucla/nwucla{view}_{split}.txt',
            metainfo=dict(classes=_classes),
        )
    )
    for view in (1, 3)
    for split in ('train', 'test')
}
model = dict(
    neck=dict(in_channels=2 * 20 * 3), cls_head=dict(num_classes=len(_classes))
)
train_dataloader = dict(
    dataset=dict(
        source=_lists['nwucla1_train'], target=_lists['nwucla3_train']
    )
)
val_dataloader = test_dataloader = dict(dataset=_lists['nwucla3_test'])
val_cfg = dict(source=_lists['nwucla1_test'])
