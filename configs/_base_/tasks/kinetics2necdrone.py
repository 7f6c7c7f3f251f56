# Kinetics labelled, NEC-Drone not, 7 classes; 8188 videos of Kinetics, 435 /
# 228 of NEC-Drone for training / test; tools/data/kinetics_necdrone makes the
# lists. 64 pairs a step (TransferAttn's release).
_base_ = '../tokens.py'
_classes = 'walking running jumping drinking throwing shaking_hands hugging'
_classes = _classes.split()
_lists = {
    name: dict(
        videos=dict(
            ann_file=f'data/kinetics_necdrone/{name}.txt',
            data_prefix=dict(video=f'data/{folder}/videos'),
            metainfo=dict(classes=_classes),
        )
    )
    for name, folder in dict(
        kinetics_train='kinetics',
        kinetics_val='kinetics',
        nec_train='nec_drone',
        nec_test='nec_drone',
    ).items()
}
model = dict(cls_head=dict(num_classes=len(_classes)))
train_dataloader = dict(
    batch_size=64,
    dataset=dict(source=_lists['kinetics_train'], target=_lists['nec_train']),
)
val_dataloader = test_dataloader = dict(dataset=_lists['nec_test'])
val_cfg = dict(source=_lists['kinetics_val'])
auto_scale_lr = dict(base_batch_size=64)
