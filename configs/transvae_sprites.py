# TranSVAE on Sprites, humans to aliens; no accuracy is published.
_base_ = [
    '_base_/settings/sprites.py',
    '_base_/methods/transvae.py',
    '_base_/schedules/transvae.py',
]
model = _base_._method.model
model.neck.update(
    num_videos=900 + 900,
    encoder=dict(
        type='SpriteEncoder', channels=(64, 128, 256, 512), out_channels=1024
    ),
    decoder=dict(
        type='SpriteDecoder', in_channels=1024, channels=(512, 256, 128, 64)
    ),
)
model.loss_pseudo.threshold = 0.99
default_hooks = _base_._method.default_hooks
randomness = dict(seed=1)
