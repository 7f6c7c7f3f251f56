# VideoMAE ViT-B of MMAction2: windows of 16 frames, four frames apart, as it
# was trained, one token each.
_base_ = 'video.py'
_extraction = dict(name='videomae', pipeline=_base_._extraction.pipeline)
_extraction['pipeline'][1].update(frame_interval=4)  # AllFrames
_backbone = dict(
    backbone=dict(
        backbone=dict(
            type='VisionTransformer',
            img_size=224,
            patch_size=16,
            embed_dims=768,
            depth=12,
            num_heads=12,
            qkv_bias=True,
            num_frames=16,
            norm_cfg=dict(type='LN', eps=1e-6),
        ),
        checkpoint='vit-base-p16_videomae-k400-pre_16x4x1_kinetics-400',
        window=dict(size=16, stride=2),
    ),
    neck=dict(in_channels=768),
)
