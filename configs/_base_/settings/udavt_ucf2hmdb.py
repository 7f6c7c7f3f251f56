# UDAVT's second phase: tokens of frames by the net that the first has tuned,
# stored with it.
_base_ = [
    '../datasets/ucf2hmdb.py',
    '../models/stam_frames.py',
    '../schedules/udavt.py',
    '../default_runtime.py',
]
stages = dict(phase1=dict(config='udavt_phase1_stam_ucf2hmdb.py'))
backbone = dict(checkpoint='stage://phase1/weights.safetensors')
pipeline = [
    dict(type='SampleFeature', num_frames=16, num_views=1, test_mode=True),
    dict(type='PackActionInputs'),
]


def tokens(dataset):
    """Stored tokens of all 16 frames."""
    return dict(
        extraction=_base_.extraction,
        store=f'stage://phase1/{dataset.store}',
        pipeline=pipeline,
    )


pair = _base_.train_dataloader.dataset
train_dataloader = dict(
    batch_size=64,
    sampler=dict(epoch_length='max', class_balanced=False),
    dataset=dict(source=tokens(pair.source), target=tokens(pair.target)),
)
val_dataloader = dict(dataset=tokens(_base_.val_dataloader.dataset))
test_dataloader = val_dataloader
