# TranSVAE, JHMDB to UTD-MHAD, joints.
_base_ = [
    '_base_/settings/skeleton_jhmdb2utd.py',
    '_base_/methods/transvae_small.py',
    '_base_/schedules/transvae.py',
]
_method = _base_._method
model = _method.model
model.neck.num_videos = 298 + 160
train_dataloader = dict(
    sampler=_method.train_dataloader.sampler,
    dataset=_method.train_dataloader.dataset,
)
val_dataloader = test_dataloader = _method.val_dataloader
train_cfg = dict(max_epochs=100, val_interval=20)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
