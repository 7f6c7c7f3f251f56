# Video Swin-T of MMAction2: windows of 32 frames, two frames apart, as it was
# trained, whose 16 time steps all become tokens.
_base_ = 'video.py'
_extraction = dict(name='videoswin', pipeline=_base_._extraction.pipeline)
_extraction['pipeline'][1].update(frame_interval=2)  # AllFrames
_backbone = dict(
    backbone=dict(
        backbone=dict(
            type='SwinTransformer3D',
            arch='tiny',
            pretrained2d=False,
            patch_size=(2, 4, 4),
            window_size=(8, 7, 7),
            mlp_ratio=4.0,
            qkv_bias=True,
            patch_norm=True,
        ),
        checkpoint='swin-tiny-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_'
        'kinetics400-rgb',
        window=dict(size=32, stride=32, pool=None),
    ),
    neck=dict(in_channels=768),
)
