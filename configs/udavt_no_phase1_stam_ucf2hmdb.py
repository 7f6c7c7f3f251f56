# UDAVT without its first phase, UCF101 to HMDB51: on tokens of the official
# STAM-16, with whose temporal stage the neck begins. Not the published way.
_base_ = 'udavt_stam_ucf2hmdb.py'
stages = dict(_delete_=True)
official = 'checkpoints/stam_16.pth'


def tokens(dataset):
    """Stored with those of other methods."""
    return dict(store=dataset.store.removeprefix('stage://phase1/'))


pair = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(source=tokens(pair.source), target=tokens(pair.target))
)
val_dataloader = dict(dataset=tokens(_base_.val_dataloader.dataset))
test_dataloader = val_dataloader
model = dict(
    backbone=dict(checkpoint=official),
    neck=dict(init_cfg=dict(checkpoint=official, prefix='aggregate.')),
    cls_head=dict(init_cfg=None),
)
