# Target only, the upper bound: the one method that sees target labels. The
# experiment also sets train_dataloader.dataset.keep_target_labels=True.
_base_ = 'source_only.py'
model = dict(label_domain='target')
