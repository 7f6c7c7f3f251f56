# Northwestern-UCLA, camera 3 labelled, camera 1 not.
_base_ = 'nwucla1to3.py'
_lists = _base_._lists
train_dataloader = dict(
    dataset=dict(source=_lists.nwucla3_train, target=_lists.nwucla1_train)
)
val_dataloader = test_dataloader = dict(dataset=_lists.nwucla1_test)
val_cfg = dict(source=_lists.nwucla3_test)
