_base_ = [
    '../datasets/demo.py',
    '../models/demo_two_stream.py',
    '../schedules/demo.py',
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
