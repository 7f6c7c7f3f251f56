# TimeSformer-B of MMAction2, divided space-time attention: windows of 8
# frames, all of them tokens.
_base_ = 'video.py'
_extraction = dict(name='timesformer', pipeline=_base_._extraction.pipeline)
_extraction['pipeline'][1].update(frame_interval=4)  # AllFrames
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    backbone=dict(
        backbone=dict(
            type='TimeSformer',
            num_frames=8,
            img_size=224,
            patch_size=16,
            attention_type='divided_space_time',
        ),
        checkpoint='timesformer_divST_8xb8-8x32x1-15e_kinetics400-rgb',
        window=dict(size=8, stride=8, pool=None),
    ),
    neck=dict(in_channels=768),
)
