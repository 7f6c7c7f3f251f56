# UT-Interaction, the parking lot labelled, the windy lawn not: 6 interactions,
# 30 / 30 videos of each for training / test; tools/data/ut_interaction makes
# the lists. Few pairs a step, since there are few videos.
_base_ = '../one_view.py'
_classes = 'handshake hug kick point punch push'.split()
_lists = {
    f'ut{number}_{split}': dict(
        videos=dict(
            ann_file=f'data/ut_interaction/ut{number}_{split}.txt',
            data_prefix=dict(video='data/ut_interaction/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for number in (1, 2)
    for split in ('train', 'test')
}
model = dict(cls_head=dict(num_classes=len(_classes)))
train_dataloader = dict(
    batch_size=10,
    dataset=dict(source=_lists['ut1_train'], target=_lists['ut2_train']),
)
val_dataloader = test_dataloader = dict(dataset=_lists['ut2_test'])
auto_scale_lr = dict(base_batch_size=10)
val_cfg = dict(source=_lists['ut1_test'])
