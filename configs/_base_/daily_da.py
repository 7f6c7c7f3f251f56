# Daily-DA: 8 classes of ARID, HMDB51, Moments in Time and Kinetics-600, of
# which a task names two; tools/data/daily_da makes the lists.
_base_ = 'tokens.py'
_classes = 'drink jump pick pour push run walk wave'.split()
_lists = {
    f'{name}_{split}': dict(
        videos=dict(
            ann_file=f'data/daily_da/{name}_{split}.txt',
            data_prefix=dict(video=f'data/{place}/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for name, place in dict(
        arid='arid', hmdb51='hmdb51', mit='mit', kinetics='kinetics600'
    ).items()
    for split in ('train', 'test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
