# Frames of 64 pixels, their values in [0, 1], go to TranSVAE's own networks.
_backbone = dict(
    data_preprocessor=dict(
        type='UDADataPreprocessor',
        mean=[0, 0, 0],
        std=[1, 1, 1],
        format_shape='NCTHW',
    ),
    backbone=dict(type='RawClips'),
)
