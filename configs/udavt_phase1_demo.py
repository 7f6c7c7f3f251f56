# UDAVT's first phase on the embedded benchmark. No weights of the neck exist:
# all of it is trained. Adam in place of SGD, few epochs.
_base_ = [
    '_base_/settings/demo_class_token.py',
    '_base_/methods/udavt_phase1.py',
]
max_epochs = 3


def videos(dataset, **kwargs):
    """The videos of a list."""
    return dict(
        _delete_=True,
        type='VideoDataset',
        pipeline=_base_.extraction.pipeline,
        **{k: v for k, v in dataset.videos.items() if k != 'type'},
        **kwargs,
    )


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
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, by_epoch=True)
]
model = dict(
    data_preprocessor=_base_.data_preprocessor,
    backbone=dict(
        backbone=_base_.backbone.backbone,
        checkpoint=_base_.backbone.checkpoint,
        trainable=('norm', 'stem'),
        sample=_base_.sample,
    ),
    neck=dict(trainable=None, **_base_.encoder),
    cls_head=dict(num_classes=_base_.num_classes),
)
