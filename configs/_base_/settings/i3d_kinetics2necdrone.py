_base_ = [
    '../datasets/kinetics2necdrone.py',
    '../models/i3d.py',
    '../schedules/adam_300e.py',
    '../default_runtime.py',
]
train_dataloader = dict(
    dataset=dict(
        source=dict(extraction=_base_.extraction),
        target=dict(extraction=_base_.extraction),
    )
)
val_dataloader = dict(dataset=dict(extraction=_base_.extraction))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=_base_.train_dataloader.batch_size)
