# UCF101 labelled, HMDB51 not; TransferAttn's numbers for this task.
_base_ = 'ucf_hmdb.py'
transferattn = dict(grl=dict(amplitude=1.0), ib_head=dict(loss_weight=0.001))
# TA3N's coefficients of the reversals, gamma, and what an epoch is: 128 + 74
# videos a step there.
ta3n = dict(
    relation=0.75, video=0.75, frame=0.5, entropy=0.003, batch=74, epoch='min'
)
udavt = dict(queue_size=1024, loss_weight=0.01)  # of its ib_head
train_dataloader = dict(
    dataset=dict(source=_base_.lists.ucf_train, target=_base_.lists.hmdb_train)
)
val_dataloader = dict(dataset=_base_.lists.hmdb_test)
test_dataloader = val_dataloader
