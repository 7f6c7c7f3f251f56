# UDAVT's first phase: 20 epochs of 8 videos a step (4 on each of 2 GPUs).
_base_ = 'udavt.py'
optim_wrapper = dict(optimizer=dict(lr=1e-3))
