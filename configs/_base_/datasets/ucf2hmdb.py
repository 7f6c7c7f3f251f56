# UCF101 labelled, HMDB51 not; TransferAttn's numbers for this task.
_base_ = 'ucf_hmdb.py'
transferattn = dict(grl=dict(amplitude=1.0), ib_head=dict(loss_weight=0.001))
train_dataloader = dict(
    dataset=dict(source=_base_.lists.ucf_train, target=_base_.lists.hmdb_train)
)
val_dataloader = dict(dataset=_base_.lists.hmdb_test)
test_dataloader = val_dataloader
