# MA2LT-D's encoder and classifier, learnt from source labels alone.
_base_ = 'ma2ltd_skeleton_jhmdb2utd.py'
model = dict(neck=dict(domain_head=None), loss_entropy=None)
