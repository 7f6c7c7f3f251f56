# CleanAdapt: the source model goes on, end to end, with those of its own
# pseudo-labels that it is most confident of. No source data are read.
_base_ = 'cleanadapt_source.py'
_weights = 'stage://source/weights.safetensors'
_method = dict(
    stages=dict(source=dict(config='cleanadapt_source')),
    model=dict(
        data_preprocessor=dict(train_domain='target'),
        backbone=dict(checkpoint=_weights),
        cls_head=dict(
            fuse_views=False,
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='cls_head.'
            ),
        ),
        label_domain='target',
    ),
    train_dataloader=dict(
        _delete_=True,
        batch_size=48,
        drop_last=False,
        sampler=dict(_delete_=True, type='PseudoLabelSampler', keep_ratio=0.5),
        dataset=dict(
            type='PseudoLabelDataset',
            source=None,
            extraction=None,
            pipeline=[*_base_._weak_view, *_base_._clip_pack],
        ),
    ),
    default_hooks=dict(
        pseudo_labels=dict(type='PseudoLabelHook', num_workers=2)
    ),
)
