# UDAVT with MDTA in the last layer on the embedded benchmark, tokens of the
# net that its first phase has tuned. The queue is shorter, the projector as
# wide as in the other demos.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/udavt_dtab.py',
    '_base_/schedules/demo.py',
]
model = _base_._method.model
model.neck.update(depth=2, num_heads=4, hidden_channels=256)
model.neck.last_attention.update(hidden_channels=128, grl=dict(amplitude=0.3))
model.ib_head.update(projector=dict(channels=(128, 128, 128)), queue_size=256)
stages = dict(phase1=dict(config='udavt_phase1_demo.py'))
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(store_root='stage://phase1')
)
