# Target only (the oracle), the upper bound: the one method that sees target
# labels.
_base_ = 'source_only.py'
_method = dict(
    model=dict(label_domain='target'),
    train_dataloader=dict(dataset=dict(keep_target_labels=True)),
)
