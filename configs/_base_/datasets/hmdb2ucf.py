# HMDB51 labelled, UCF101 not; TransferAttn's numbers for this task.
_base_ = 'ucf_hmdb.py'
transferattn = dict(grl=dict(amplitude=0.5), ib_head=dict(loss_weight=0.001))
# TA3N's coefficients of the reversals, gamma, and what an epoch is: 128 + 219
# videos a step there.
ta3n = dict(
    relation=1.0, video=0.75, frame=0.5, entropy=0.3, batch=128, epoch='min'
)
udavt = dict(queue_size=1024, loss_weight=0.01)  # of its ib_head
train_dataloader = dict(
    dataset=dict(source=_base_.lists.hmdb_train, target=_base_.lists.ucf_train)
)
val_dataloader = dict(dataset=_base_.lists.ucf_test)
test_dataloader = val_dataloader
