# The paper's I3D (Inception), as TransferAttn extracts it: a window of frames
# i - 7 ... i + 8 for every frame i, values in [0, 1], zeros outside the video.
# The weights are rgb_imagenet.pt of pytorch-i3d.
data_preprocessor = dict(
    type='UDADataPreprocessor',
    mean=[0.0, 0.0, 0.0],
    std=[255.0, 255.0, 255.0],
    format_shape='NCTHW',
)
backbone = dict(
    type='FrozenBackbone',
    backbone=dict(type='InceptionI3D'),
    checkpoint='checkpoints/rgb_imagenet.pt',
    window=dict(size=16, before=7),
    cached=True,
)
extraction = dict(
    name='i3d',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames', max_frames=900),
        dict(type='DecordDecode'),
        dict(type='Resize', scale=(-1, 256)),
        dict(type='CenterCrop', crop_size=224),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=1024, num_frames=53, embed_dims=512)
