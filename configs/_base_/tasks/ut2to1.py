# UT-Interaction, the windy lawn labelled, the parking lot not.
_base_ = 'ut1to2.py'
_lists = _base_._lists
train_dataloader = dict(
    dataset=dict(source=_lists.ut2_train, target=_lists.ut1_train)
)
val_dataloader = test_dataloader = dict(dataset=_lists.ut1_test)
val_cfg = dict(source=_lists.ut2_test)
