_base_ = [
    '../datasets/ucf2hmdb.py',
    '../models/i3d_flow.py',
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
