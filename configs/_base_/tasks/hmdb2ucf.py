# HMDB51 labelled, UCF101 not.
_base_ = 'ucf2hmdb.py'
_lists = _base_._lists
train_dataloader = dict(
    dataset=dict(source=_lists.hmdb_train, target=_lists.ucf_train)
)
val_dataloader = test_dataloader = dict(dataset=_lists.ucf_test)
val_cfg = dict(source=_lists.hmdb_test)
