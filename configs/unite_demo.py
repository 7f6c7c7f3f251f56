# UNITE on the videos of the embedded benchmark, without a teacher: the model
# trusts what it is sure of itself.
_base_ = [
    '_base_/settings/demo_vit.py',
    '_base_/methods/unite.py',
    '_base_/schedules/unite_demo.py',
]
stages = dict(source=dict(config='unite_source_demo.py'))
model = _base_._method.model
model.loss_pseudo.update(teacher='none', threshold=0.8)
train_dataloader = dict(
    batch_size=16,
    sampler=_base_._method.train_dataloader.sampler,
    dataset=dict(
        pipeline=[
            *_base_._drawn,
            dict(type='ClipRandAugment', magnitude=3, num_layers=2),
            *_base_._packed,
        ],
        weak=[*_base_._drawn, *_base_._packed],
    ),
)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
auto_scale_lr = dict(base_batch_size=16)
