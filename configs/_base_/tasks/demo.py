# The embedded benchmark, rendered when it is not there. DEMO_SEED and
# DEMO_DISTRACTORS choose the rendering.
_base_ = '../one_view.py'
_schedule = 'demo'
_root = 'data/demo/seed{{$DEMO_SEED:0}}_distractors{{$DEMO_DISTRACTORS:0}}'
prepare = [
    dict(
        type='RenderedBenchmark',
        root=_root,
        seed={{'$DEMO_SEED:0'}},
        distractors={{'$DEMO_DISTRACTORS:0'}},
    )
]
_classes = (
    'circle_out circle_in circle_swing reach_squat squat_reach reach_swing '
    'walk moonwalk'
).split()
_lists = {
    name: dict(
        videos=dict(
            ann_file=f'{_root}/{name}.txt',
            data_prefix=dict(video=_root),
            metainfo=dict(classes=_classes),
        )
    )
    for name in ('source_train', 'source_test', 'target_train', 'target_test')
}
model = dict(cls_head=dict(num_classes=8))
train_dataloader = dict(
    dataset=dict(source=_lists['source_train'], target=_lists['target_train'])
)
val_dataloader = test_dataloader = dict(dataset=_lists['target_test'])
val_cfg = dict(source=_lists['source_test'])
