# The embedded benchmark, tokens of the net that UDAVT's first phase has tuned.
_base_ = 'demo_class_token.py'
stages = dict(phase1=dict(config='udavt_phase1_demo.py'))
backbone = dict(checkpoint='stage://phase1/weights.safetensors')


def tokens(dataset):
    """Stored below the stage."""
    return dict(store=f'stage://phase1/{dataset.store}')


pair = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(source=tokens(pair.source), target=tokens(pair.target))
)
val_dataloader = dict(dataset=tokens(_base_.val_dataloader.dataset))
test_dataloader = val_dataloader
