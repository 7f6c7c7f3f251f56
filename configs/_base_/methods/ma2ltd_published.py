# MA2LT-D, its scale attention learnt: our reading of the paper.
_base_ = 'ma2ltd.py'
_method = dict(
    model=dict(neck=dict(domain_head=dict(scale_attention='published')))
)
