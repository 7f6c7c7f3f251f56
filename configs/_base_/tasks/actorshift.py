# ActorShift, people labelled, animals not: 7 activities, whose names and order
# are to be checked with its page; tools/data/actorshift makes the lists. There
# is no test list of people.
_base_ = '../tokens.py'
from mmaction_uda.config import direction

_classes = (
    'sleeping watching_tv eating drinking swimming running opening_a_door'
).split()
_lists = {
    name: dict(
        videos=dict(
            ann_file=f'data/actorshift/{name}.txt',
            data_prefix=dict(video=f'data/actorshift/{name[:6]}/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for name in ('people_train', 'animal_train', 'animal_test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
globals().update(direction(_lists, 'people', 'animal'))
