# Source videos of the embedded benchmark alone.
_base_ = [
    '../datasets/demo.py',
    '../models/demo.py',
    '../schedules/cleanadapt_source_demo.py',
    '../default_runtime.py',
]
pipeline = _base_.extraction.pipeline


def videos(dataset, **kwargs):
    """The videos of a list."""
    return {
        **dataset.videos,
        '_delete_': True,
        'type': 'VideoDataset',
        'pipeline': pipeline,
        **kwargs,
    }


train_dataloader = dict(
    batch_size=16,
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=videos(_base_.train_dataloader.dataset.source),
)
val_dataloader = dict(
    dataset=videos(_base_.val_dataloader.dataset, test_mode=True)
)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=16)
