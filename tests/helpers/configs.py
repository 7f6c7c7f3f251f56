"""Shipped configs, made small enough for a test.

One reduction, the same for every config, makes a training short; it changes
no class and no loss.
"""

import copy
from pathlib import Path
from typing import Iterator

from mmengine.config import Config

from mmaction_uda.config import load_config
from mmaction_uda.config.names import experiments
from mmaction_uda.zoo import ROWS

from .clip import OFFICIAL, STAND_IN

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = experiments()
FRAMES = 4
CLIP = 8  # frames that are decoded
RENDERING = dict(num_train=4, num_test=2, size=32, num_frames=16)

# By type: what is made smaller, wherever a config says it.
REDUCTION = dict(
    RenderedBenchmark=dict(num_processes=2, **RENDERING),
    AllFrames=dict(max_frames=CLIP),
    ComputeFlow=dict(algorithm='dis'),
    SegmentFrames=dict(num_frames=CLIP),
    SampleFrames=dict(clip_len=CLIP),
    UniformSample=dict(clip_len=CLIP),
    SampleFeature=dict(num_frames=FRAMES),
    Resize=dict(scale=(-1, 32)),
    CenterCrop=dict(crop_size=32),
    RandomCrop=dict(size=32),
    RandomResizedCrop=dict(area_range=(0.9, 1.0)),
    STAM=dict(num_frames=8, img_size=32, depth=1, temporal_depth=1),
    TimeSformer=dict(img_size=32, num_transformer_layers=1),
    VisionTransformer=dict(num_frames=8, img_size=32, depth=1),
    ClassTokenNeck=dict(num_frames=FRAMES, depth=1),
    TransformerNeck=dict(num_frames=FRAMES, embed_dims=32, hidden_channels=32),
    TRNNeck=dict(num_frames=FRAMES, embed_dims=32),
    TranSVAENeck=dict(
        num_frames=FRAMES,
        embed_dims=32,
        hidden_channels=16,
        latent_channels=16,
    ),
    SpriteEncoder=dict(channels=(4, 4, 4, 4), out_channels=32),
    SpriteDecoder=dict(in_channels=32, channels=(4, 4, 4, 4)),
    MultiheadDomainTransferableAttention=dict(hidden_channels=32),
    DomainHead=dict(hidden_channels=32),
    FrameEncoderNeck=dict(num_frames=FRAMES, embed_dims=32),
    MultiModalNeck=dict(num_frames=FRAMES),
    MultiScaleDomainHead=dict(dilations=(1,), hidden_channels=32),
    LoggerHook=dict(interval=1),
)


# Models of Hugging Face as wide as they are, and otherwise small.
_SMALL = dict(num_hidden_layers=1, num_attention_heads=2, image_size=32)
HUGGING_FACE = {
    'facebook/dinov2-base': dict(model_type='dinov2', **_SMALL),
    'facebook/dinov3-vits16-pretrain-lvd1689m': dict(
        model_type='dinov3_vit', **_SMALL
    ),
    'openai/clip-vit-base-patch32': dict(
        model_type='clip_vision_model', **_SMALL
    ),
    'google/siglip-base-patch16-224': dict(
        model_type='siglip_vision_model', **_SMALL
    ),
    'facebook/vjepa2-vitl-fpc64-256': dict(
        model_type='vjepa2', crop_size=32, pred_num_hidden_layers=1, **_SMALL
    ),
}


def nodes(value) -> Iterator[dict]:
    """All dicts inside a config."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list, tuple)):
        inner = value.values() if isinstance(value, dict) else value
        for item in inner:
            yield from nodes(item)


def typed(cfg: Config, *types: str) -> list:
    """All dicts inside a config that name a class, or one of these."""
    found = [node for node in nodes(cfg._cfg_dict) if 'type' in node]
    return [n for n in found if not types or n['type'] in types]


def reduce_config(cfg: Config, work_dir) -> Config:
    """The one reduction: short clips, small nets and batches, one epoch."""
    for node in typed(cfg):
        small = REDUCTION.get(node['type'], {})
        # What a config leaves out (0 or None) stays left out.
        node.update({k: v for k, v in small.items() if node.get(k, 1)})
    _reduce_windows(cfg)
    _reduce_odd_parts(cfg)
    for phase, batch in (('train', 2), ('val', 8), ('test', 8)):
        cfg[f'{phase}_dataloader'].update(
            batch_size=batch, num_workers=0, persistent_workers=False
        )
    _reduce_epoch(cfg)
    for node in nodes(cfg._cfg_dict):
        if node.get('model') == OFFICIAL:
            node.model = STAND_IN
    cfg.work_dir = str(work_dir)
    return cfg


def _reduce_windows(cfg: Config) -> None:
    for node in nodes(cfg._cfg_dict):
        window = node.get('window')
        if window:
            # Both time steps of 16 frames; shorter windows have one.
            if window.get('pool') == 'flatten':
                window.pop('pool')
                cfg.model.neck.in_channels = 1024  # of I3D
            before = min(window.get('before', 0), 3)
            window.update(size=CLIP, before=before)


def _reduce_odd_parts(cfg: Config) -> None:
    for node in typed(cfg, 'Resize'):
        if node.get('keep_ratio') is False:
            node.update(scale=(32, 32))
    for node in typed(cfg, 'mmpretrain.ResNet'):
        node.update(depth=50)
    for node in typed(cfg, 'InformationBottleneckHead'):
        node.projector.update(channels=(32, 32))
        if node.queue_size != 'classes':
            node.update(queue_size=min(node.queue_size, 24))
    for node in nodes(cfg._cfg_dict):
        row = ROWS.get(str(node.get('checkpoint')))
        if row is not None:  # a file that a test writes
            node['checkpoint'] = f'checkpoints/{row.file}'
    frames = cfg.model.neck.get('num_frames')
    if typed(cfg, 'SegmentFrames', 'SpritesDataset'):
        # STAM's stage over time, and arrays of Sprites, hold so many.
        for node in typed(cfg, 'SampleFeature'):
            node.update(num_frames=CLIP)
        frames = CLIP
    elif frames:
        frames = FRAMES
    cfg.model.neck.num_frames = frames


def _reduce_epoch(cfg: Config) -> None:
    mean = typed(cfg, 'MeanNeck')
    if mean:
        # An untrained net's features may be of any size, and the loss 0.
        cfg.model.feature_scale = 1.0
    if isinstance(cfg.train_dataloader.sampler.get('epoch_length'), int):
        cfg.train_dataloader.sampler.epoch_length = 16
        if mean:  # few passes through large nets
            cfg.train_dataloader.batch_size = 4
    cfg.train_cfg.update(max_epochs=1, val_interval=1)


def small_config(name: str, work_dir='work') -> Config:
    """A shipped config or combination, reduced."""
    return reduce_config(load_config(name), work_dir)


def two_stages() -> Config:
    """UDAVT; its first stage, of two epochs, is written to ``phase1.py``.

    The stage tunes the net on source videos; then tokens are extracted.
    """
    phase1 = reduce_config(load_config('udavt_phase1_demo'), Path('phase1'))
    phase1.train_cfg.update(max_epochs=2)
    phase1.dump('phase1.py')
    cfg = reduce_config(load_config('udavt_demo'), Path('work'))
    cfg.stages = dict(phase1=dict(config='phase1.py'))
    return cfg


def uncached(cfg: Config) -> Config:
    """The same config on the videos themselves, all frames of a clip."""
    cfg = copy.deepcopy(cfg)
    cfg.model.backbone.cached = False
    cfg.model.neck.num_frames = CLIP
    for phase in ('train', 'val', 'test'):
        cfg[f'{phase}_dataloader'].dataset.pipeline = None
    return cfg


def method_model(name: str) -> dict:
    """What a method says of the model, apart from any setting."""
    file = ROOT / f'configs/_base_/methods/{name}.py'
    return Config.fromfile(file)._method.to_dict()['model']
