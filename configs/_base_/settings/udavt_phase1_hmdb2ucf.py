# UDAVT's first phase: source videos alone, end to end.
_base_ = [
    '../datasets/hmdb2ucf.py',
    '../models/stam_frames.py',
    '../schedules/udavt_phase1.py',
    '../default_runtime.py',
]


def videos(dataset, **kwargs):
    """The 16 frames of each video of a list."""
    return dict(
        _delete_=True,
        pipeline=_base_.extraction.pipeline,
        **dataset.videos,
        **kwargs,
    )


train_dataloader = dict(
    batch_size=8,
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=videos(_base_.train_dataloader.dataset.source),
)
val_dataloader = dict(
    batch_size=8, dataset=videos(_base_.val_dataloader.dataset, test_mode=True)
)
test_dataloader = val_dataloader
