# TransferAttn as the authors' code runs it.
_base_ = 'transferattn.py'
_method = dict(
    model=dict(
        neck=dict(
            last_attention=dict(dde_label='always_target', from_logits=False)
        ),
        domain_head=dict(from_logits=False),
        loss_entropy=dict(entropy_reduction='mean'),
        ib_head=dict(ib_placement='pooled', ib_normalize='standardize'),
    )
)
