# CleanAdapt's first stage: source videos alone.
_base_ = [
    'cleanadapt_clips.py',
    '../datasets/hmdb2ucf.py',
    '../models/i3d_native.py',
    '../schedules/cleanadapt_source.py',
    '../default_runtime.py',
]


def videos(dataset, pipeline, **kwargs):
    """The clips of a list."""
    return dict(_delete_=True, pipeline=pipeline, **dataset.videos, **kwargs)


train_dataloader = dict(
    batch_size=48,
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=videos(_base_.train_dataloader.dataset.source, _base_.weak_view),
)
val_dataloader = dict(
    dataset=videos(
        _base_.val_dataloader.dataset, _base_.centre_view, test_mode=True
    )
)
test_dataloader = val_dataloader
