# UDAVT without its first phase, UCF101 to HMDB51: on tokens of the official
# STAM-16, with whose temporal stage the neck begins. Not the published way.
_base_ = 'udavt_stam_ucf2hmdb.py'
_official = 'checkpoints/stam_16.pth'
stages = dict(_delete_=True)
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(store_root='')
)
model = dict(
    backbone=dict(checkpoint=_official),
    neck=dict(init_cfg=dict(checkpoint=_official, prefix='aggregate.')),
    cls_head=dict(init_cfg=None),
)
