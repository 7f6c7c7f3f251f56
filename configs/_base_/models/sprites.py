# Frames of 64 pixels, their values in [0, 1], go to TranSVAE's own networks.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[0, 0, 0],
    std=[1, 1, 1],
    format_shape='NCTHW',
)
backbone = dict(type='RawClips')
encoder = dict(
    type='SpriteEncoder', channels=(64, 128, 256, 512), out_channels=1024
)
decoder = dict(
    type='SpriteDecoder', in_channels=1024, channels=(512, 256, 128, 64)
)
