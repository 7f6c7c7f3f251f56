# TranSVAE's encoder of dynamic factors and its classifier, learnt from source
# labels alone.
_base_ = 'transvae_skeleton_jhmdb2utd.py'
model = dict(
    neck=dict(
        frame_head=None,
        relation_head=None,
        domain_attention=False,
        recon_weight=0.0,
        kl_static_weight=0.0,
        kl_dynamic_weight=0.0,
        mi_weight=0.0,
        triplet_weight=0.0,
    ),
    domain_head=None,
    loss_pseudo=None,
)
