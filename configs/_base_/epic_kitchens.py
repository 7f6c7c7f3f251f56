# EPIC-Kitchens-55: 8 verbs in the kitchens of three people (D1 is P08, D2 P01,
# D3 P22), of which a task names two. Items are segments of long videos;
# tools/data/epic_kitchens makes the lists.
_base_ = 'tokens.py'
_classes = 'take put open close wash cut mix pour'.split()
_lists = {
    f'd{number}_{split}': dict(
        videos=dict(
            type='SegmentDataset',
            ann_file=f'data/epic_kitchens/d{number}_{split}.txt',
            data_prefix=dict(video='data/epic_kitchens/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for number in (1, 2, 3)
    for split in ('train', 'test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
