"""Backbones that we know to read, as their authors size them."""

from pathlib import Path

from mmengine.config import Config

LAYER = Path(__file__).parents[2] / 'configs/_base_/backbones/r50i3d.py'
I3D_R50 = Config.fromfile(LAYER)._backbone.backbone.backbone.to_dict()
VIT = dict(img_size=112, patch_size=16, num_frames=8)
PATHWAY = dict(
    type='resnet3d',
    depth=50,
    pretrained=None,
    lateral=True,
    conv1_kernel=(1, 7, 7),
    conv1_stride_t=1,
    pool1_stride_t=1,
    inflate=(0, 0, 1, 1),
)
FAST = dict(PATHWAY, lateral=False, base_channels=8, conv1_kernel=(5, 7, 7))
FAST.pop('inflate')
SLOWFAST = dict(
    type='ResNet3dSlowFast',
    pretrained=None,
    resample_rate=8,
    speed_ratio=8,
    channel_ratio=8,
    slow_pathway=PATHWAY,
    fast_pathway=FAST,
)
# name: (backbone, frames of a clip, other arguments of FrozenBackbone)
ZOO: dict = {
    'EfficientNet-Lite0': (dict(type='EfficientNetLite0'), 8, {}),
    'InceptionI3D': (dict(type='InceptionI3D'), 16, {}),
    'InceptionI3D, a window for every frame': (
        dict(type='InceptionI3D'),
        16,
        dict(window=dict(size=16, before=7)),
    ),
    'STAM-16, a window for every frame': (
        dict(type='STAM', num_frames=16, img_size=112),
        16,
        dict(window=dict(size=16, before=7)),
    ),
    'ShiftNet': (dict(type='ShiftNet'), 16, {}),
    'ResNet-50': (dict(type='ResNet', depth=50), 8, {}),
    'ResNetTSM-50': (
        dict(type='ResNetTSM', depth=50, num_segments=8, pretrained2d=False),
        8,
        {},
    ),
    'MobileNetV2': (dict(type='MobileNetV2'), 8, {}),
    'MobileNetV2TSM': (
        dict(type='MobileNetV2TSM', num_segments=8, pretrained2d=False),
        8,
        {},
    ),
    'MobileOneTSM-s0': (
        dict(type='MobileOneTSM', arch='s0', num_segments=8, deploy=False),
        8,
        {},
    ),
    'TANet-50': (
        dict(type='TANet', depth=50, num_segments=8, tam_cfg=dict()),
        8,
        {},
    ),
    'ResNet3d-50 (I3D)': (I3D_R50, 32, {}),
    'ResNet3d-50 (I3D), dense in time': (
        dict(I3D_R50, conv1_stride_t=1, pool1_stride_t=1),
        8,
        {},
    ),
    'ResNet3dSlowOnly-50': (
        dict(type='ResNet3dSlowOnly', depth=50, pretrained=None),
        8,
        {},
    ),
    'ResNet3dSlowFast-50': (SLOWFAST, 32, {}),
    'OmniResNet-50': (dict(type='OmniResNet'), 8, {}),
    'ResNet3dCSN-50': (
        dict(
            type='ResNet3dCSN',
            depth=50,
            pretrained=None,
            pretrained2d=False,
            with_pool2=False,
        ),
        32,
        {},
    ),
    'C2D-50': (dict(type='C2D', depth=50, pretrained=None), 16, {}),
    'R(2+1)D-34': (
        dict(
            type='ResNet2Plus1d',
            depth=34,
            pretrained=None,
            pretrained2d=False,
            norm_eval=False,
            conv_cfg=dict(type='Conv2plus1d'),
            norm_cfg=dict(type='SyncBN', requires_grad=True, eps=1e-3),
            conv1_kernel=(3, 7, 7),
            conv1_stride_t=1,
            pool1_stride_t=1,
            inflate=(1, 1, 1, 1),
            spatial_strides=(1, 2, 2, 2),
            temporal_strides=(1, 2, 2, 2),
        ),
        14,
        dict(window=dict(size=8, stride=2)),
    ),
    'C3D': (dict(type='C3D'), 28, dict(window=dict(size=16, stride=7))),
    'X3D-M': (dict(type='X3D', gamma_w=1, gamma_b=2.25, gamma_d=2.2), 16, {}),
    'TimeSformer-B divided': (dict(type='TimeSformer', **VIT), 8, {}),
    'TimeSformer-B joint': (
        dict(type='TimeSformer', attention_type='joint_space_time', **VIT),
        8,
        {},
    ),
    'TimeSformer-B space only': (
        dict(type='TimeSformer', attention_type='space_only', **VIT),
        8,
        {},
    ),
    'SwinTransformer3D-T': (
        dict(
            type='SwinTransformer3D',
            arch='tiny',
            pretrained2d=False,
            patch_size=(2, 4, 4),
            window_size=(8, 7, 7),
        ),
        16,
        {},
    ),
    'MViT-S': (
        dict(type='MViT', arch='small', spatial_size=112, temporal_size=16),
        16,
        {},
    ),
    'UniFormer-S': (
        dict(
            type='UniFormer',
            depth=[3, 4, 8, 3],
            embed_dim=[64, 128, 320, 512],
            head_dim=64,
        ),
        16,
        {},
    ),
    'UniFormerV2-B/16': (
        dict(
            type='UniFormerV2',
            input_resolution=112,
            patch_size=16,
            width=768,
            layers=12,
            heads=12,
            t_size=8,
            clip_pretrained=False,
        ),
        8,
        {},
    ),
    'VisionTransformer-S (VideoMAE)': (
        dict(
            type='VisionTransformer',
            img_size=112,
            embed_dims=384,
            num_heads=6,
            num_frames=16,
        ),
        16,
        {},
    ),
    'mmpretrain.ResNet-50': (dict(type='mmpretrain.ResNet', depth=50), 8, {}),
    'mmpretrain.VisionTransformer (deit-s)': (
        dict(type='mmpretrain.VisionTransformer', arch='deit-s', img_size=112),
        8,
        {},
    ),
    'mmpretrain.ConvNeXt-T': (
        dict(type='mmpretrain.ConvNeXt', arch='tiny'),
        8,
        {},
    ),
    'mmpretrain.SwinTransformer-T': (
        dict(
            type='mmpretrain.SwinTransformer',
            arch='tiny',
            img_size=112,
            pad_small_map=True,
        ),
        8,
        {},
    ),
}
