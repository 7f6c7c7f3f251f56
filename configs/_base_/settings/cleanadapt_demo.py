# Target videos of the embedded benchmark alone.
_base_ = [
    '../datasets/demo.py',
    '../models/demo.py',
    '../schedules/cleanadapt_demo.py',
    '../default_runtime.py',
]
stages = dict(source=dict(config='cleanadapt_source_demo.py'))
pipeline = _base_.extraction.pipeline


def videos(dataset, **kwargs):
    """The videos of a list."""
    return {
        **dataset.videos,
        'type': 'VideoDataset',
        'pipeline': pipeline,
        **kwargs,
    }


target = _base_.train_dataloader.dataset.target
train_dataloader = dict(
    batch_size=16,
    sampler=dict(
        _delete_=True, type='PseudoLabelSampler', keep_ratio=_base_.keep_ratio
    ),
    dataset=dict(
        _delete_=True, type='PseudoLabelDataset', dataset=videos(target)
    ),
)
val_dataloader = dict(
    dataset=videos(
        _base_.val_dataloader.dataset, _delete_=True, test_mode=True
    )
)
test_dataloader = val_dataloader
custom_hooks = [
    *_base_.custom_hooks,
    dict(type='PseudoLabelHook', dataset=videos(target, test_mode=True)),
]
auto_scale_lr = dict(base_batch_size=16)
