# TA3N as published, UCF101 to HMDB51, frames of ResNet-101: 78.33 there. Both
# domains have 74 videos in a step, there 128 and 74: 12 steps an epoch.
_base_ = [
    '_base_/settings/r101_ucf2hmdb.py',
    '_base_/methods/ta3n.py',
    '_base_/schedules/ta3n.py',
]
_loader = _base_._method.train_dataloader
_loader.update(batch_size=74, sampler=dict(epoch_length='min'))
auto_scale_lr = dict(base_batch_size=74)
globals().update(_base_._method)
