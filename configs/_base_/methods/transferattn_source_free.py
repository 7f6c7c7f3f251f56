# TransferAttn without source videos: what transferattn_source.py has learnt
# goes on with target videos, those whose pseudo-labels have a small loss
# (CleanAdapt's selection). The bottleneck pairs them with the queue, which
# holds mean and deviation of every source class; MDTA stays.
_base_ = 'transferattn.py'
source_weights = 'stage://source/weights.safetensors'
model = dict(
    data_preprocessor=dict(train_domain='target'),
    neck=dict(
        init_cfg=dict(
            type='StoredInit', checkpoint=source_weights, prefix='neck.'
        )
    ),
    label_domain='target',
    domain_head=None,
    ib_head=dict(
        init_cfg=dict(
            type='StoredInit', checkpoint=source_weights, prefix='ib_head.'
        )
    ),
)
