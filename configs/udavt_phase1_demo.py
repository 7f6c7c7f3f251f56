# UDAVT's first phase on the embedded benchmark. No weights of the neck exist:
# all of it is trained. Adam in place of SGD, few epochs: later ones know the
# source alone.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/udavt_phase1.py',
    '_base_/schedules/demo.py',
]
_loader = _base_._method.train_dataloader
model = _base_._method.model
model.backbone.update(trainable=('norm', 'stem'), sample=_base_._sample)
model.neck.update(
    trainable=None, init_cfg=None, depth=2, num_heads=4, hidden_channels=256
)
train_dataloader = dict(_loader, batch_size=16)
val_dataloader = test_dataloader = dict(dataset=dict(pipeline=None))
auto_scale_lr = dict(base_batch_size=16)
train_cfg = dict(max_epochs=3, val_interval=3)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
