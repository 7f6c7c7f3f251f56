# Sports-DA: 23 classes of UCF101, Sports-1M and Kinetics-600, of which a task
# names two; tools/data/sports_da makes the lists.
_base_ = 'tokens.py'
_classes = (
    'archery baseball basketball biking bowling breast_stroke diving fencing '
    'hockey floor_gymnastics golfing horseback_riding kayaking rock_climbing '
    'rope_climbing skateboarding skiing sumo_wrestling surfing taichi tennis '
    'trampoline_jumping volleyball'
).split()
_lists = {
    f'{name}_{split}': dict(
        videos=dict(
            ann_file=f'data/sports_da/{name}_{split}.txt',
            data_prefix=dict(video=f'data/{place}/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for name, place in dict(
        ucf101='ucf101', sports1m='sports1m', kinetics='kinetics600'
    ).items()
    for split in ('train', 'test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
