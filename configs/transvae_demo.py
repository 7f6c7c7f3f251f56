# TranSVAE on the embedded benchmark.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/transvae_small.py',
    '_base_/schedules/transvae.py',
]
_method = _base_._method
model = _method.model
model.neck.num_videos = 480 + 480
train_dataloader = dict(
    sampler=_method.train_dataloader.sampler,
    dataset=_method.train_dataloader.dataset,
)
val_dataloader = test_dataloader = _method.val_dataloader
train_cfg = dict(max_epochs=20, val_interval=5)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
