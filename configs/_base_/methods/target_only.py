# Target only (the oracle), the upper bound: the one method that sees target
# labels. The experiment also sets dataset.keep_target_labels=True.
_base_ = 'source_only.py'
model = dict(label_domain='target')
