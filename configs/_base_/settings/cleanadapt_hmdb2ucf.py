# CleanAdapt's adaptation: target videos alone.
_base_ = [
    'cleanadapt_clips.py',
    '../datasets/hmdb2ucf.py',
    '../models/i3d_native.py',
    '../schedules/cleanadapt.py',
    '../default_runtime.py',
]
stages = dict(source=dict(config='cleanadapt_source_i3d_hmdb2ucf.py'))
target = _base_.train_dataloader.dataset.target.videos
train_dataloader = dict(
    batch_size=48,
    sampler=dict(
        _delete_=True, type='PseudoLabelSampler', keep_ratio=_base_.keep_ratio
    ),
    dataset=dict(
        _delete_=True,
        type='PseudoLabelDataset',
        dataset=dict(pipeline=_base_.weak_view, **target),
    ),
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        pipeline=_base_.centre_view,
        test_mode=True,
        **_base_.val_dataloader.dataset.videos,
    )
)
test_dataloader = val_dataloader
custom_hooks = [
    *_base_.custom_hooks,
    dict(
        type='PseudoLabelHook',
        dataset=dict(pipeline=_base_.centre_view, test_mode=True, **target),
        num_workers=2,
    ),
]
