# TransferAttn without source videos: what transferattn_source.py has learnt
# goes on with target videos, those whose pseudo-labels have a small loss
# (CleanAdapt's selection). The bottleneck pairs them with the queue, which
# holds mean and deviation of every source class; MDTA stays. The classifier is
# the fixed one of the source stage, drawn from its seed.
_base_ = 'transferattn.py'
_weights = 'stage://source/weights.safetensors'
_method = dict(
    stages=dict(source=dict(config='transferattn_source')),
    model=dict(
        data_preprocessor=dict(train_domain='target'),
        neck=dict(
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='neck.'
            )
        ),
        label_domain='target',
        domain_head=None,
        ib_head=dict(
            queue_size='classes',
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='ib_head.'
            ),
        ),
    ),
    train_dataloader=dict(
        sampler=dict(_delete_=True, type='PseudoLabelSampler', keep_ratio=0.5),
        dataset=dict(type='PseudoLabelDataset', source=None),
    ),
    default_hooks=dict(pseudo_labels=dict(type='PseudoLabelHook')),
)
