# TA3N's encoder and classifier, learnt from source labels alone.
_base_ = 'ta3n_skeleton_jhmdb2utd.py'
model = dict(
    neck=dict(frame_head=None, relation_head=None, domain_attention=False),
    domain_head=None,
    loss_entropy=None,
)
