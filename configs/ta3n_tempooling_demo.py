# Schedule and coefficients are those for UCF101 to HMDB51, as in ta3n_demo.py.
_base_ = [
    '_base_/datasets/demo.py',
    '_base_/models/demo.py',
    '_base_/methods/ta3n_tempooling.py',
    '_base_/schedules/ta3n.py',
    '_base_/default_runtime.py',
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=_base_.backbone,
    neck=dict(
        in_channels=_base_.encoder.in_channels,
        embed_dims=_base_.encoder.embed_dims,
        frame_head=dict(
            hidden_channels=_base_.hidden_channels, grl=dict(amplitude=0.5)
        ),
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=dict(
        hidden_channels=_base_.hidden_channels, grl=dict(amplitude=0.75)
    ),
)
features = dict(extraction=_base_.extraction, pipeline=_base_.segments)
train_dataloader = dict(
    sampler=dict(class_balanced=False),
    dataset=dict(source=features, target=features),
)
val_dataloader = dict(dataset=features)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=_base_.train_dataloader.batch_size)
