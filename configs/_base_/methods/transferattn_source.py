# The first stage of transferattn_source_free.py: TransferAttn's encoder,
# learnt from source videos alone. Its bottleneck is 0, as a batch of one
# domain has no pairs; its queue, two rows a class, carries statistics to the
# second stage.
_base_ = 'transferattn.py'
_method = dict(
    model=dict(
        domain_head=None, loss_entropy=None, ib_head=dict(queue_size='classes')
    ),
    train_dataloader=dict(
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(target=None),
    ),
    default_hooks=dict(statistics=dict(type='SourceStatisticsHook')),
)
