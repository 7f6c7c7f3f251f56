# UTD-MHAD labelled, JHMDB not.
_base_ = 'jhmdb2utd.py'
_lists = _base_._lists
train_dataloader = dict(
    dataset=dict(source=_lists.utd_train, target=_lists.jhmdb_train)
)
val_dataloader = test_dataloader = dict(dataset=_lists.jhmdb_test)
val_cfg = dict(source=_lists.utd_test)
