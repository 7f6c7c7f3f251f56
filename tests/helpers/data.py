"""What configs read, made in its official format: lists, videos, weights."""

from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features.filling import fill
from mmaction_uda.datasets.features.store import beside
from mmaction_uda.datasets.rendered.video import write_mp4
from mmaction_uda.datasets.sprites import CLASSES
from mmaction_uda.engine import Extractor, prepare
from mmaction_uda.engine.readings import readings
from mmaction_uda.models.backbones.building import build_net
from mmaction_uda.models.backbones.tokens import read_tokens, reading_of

from .configs import CLIP, REDUCTION

_furnished = set()  # what configs read that is there


def moving_square(seed: int, num_frames: int = 12) -> np.ndarray:
    """Frames ``[T, 48, 64, 3]`` of a square on its way over noise."""
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 64, (num_frames, 48, 64, 3), dtype=np.uint8)
    top, left = rng.integers(0, 32, 2)
    for t, frame in enumerate(frames):
        frame[top : top + 9, left + t : left + t + 9] = 60 + 20 * (seed % 9)
    return frames


def write_videos(dataset: dict, num_classes: int) -> None:
    """A video of every class, and the list that names them."""
    lines = []
    for number in range(num_classes):
        name = f'class{number:02d}/{Path(dataset["ann_file"]).stem}.mp4'
        path = Path(dataset['data_prefix']['video'], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mp4(moving_square(number), str(path), 20)
        lines.append(f'{name} {number}\n')
    file = Path(dataset['ann_file'])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(lines))


def write_segments(dataset: dict, num_classes: int, length: int = 12) -> None:
    """Videos of three actions each, a segment of every class, their list."""
    lines = []
    folder = Path(dataset['data_prefix']['video'])
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(dataset['ann_file']).stem
    for first in range(0, num_classes, 3):
        name = f'{stem}_{first:02d}.mp4'
        classes = range(first, min(first + 3, num_classes))
        frames = [moving_square(number, length) for number in classes]
        write_mp4(np.concatenate(frames), str(folder / name), 20)
        lines += [
            f'{name} {i * length} {(i + 1) * length} {number}\n'
            for i, number in enumerate(classes)
        ]
    file = Path(dataset['ann_file'])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(lines))


def write_tokens(file: Path, features: str, num_classes: int, width: int):
    """Stored tokens of noise, as made elsewhere, and the list of them."""
    names = [f'{file.stem}{number:02d}' for number in range(num_classes)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(f'{n} {i}\n' for i, n in enumerate(names)))
    rng = np.random.default_rng(0)
    tokens = {name: rng.normal(size=(12, width)) for name in names}
    path = f'{beside(str(file))}/{features}'
    labels = range(num_classes)
    store = FeatureStore.make(path, dict(features=features), names, labels)
    fill(store, names, lambda part: ((tokens[n], None) for n in part))


def write_sprites(root: Path, count: int = 1) -> None:
    """Arrays of a domain of Sprites, ``count`` sequences of noise a class."""
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    attributes = np.eye(count, 4, dtype=int)
    for name in CLASSES:
        frames = rng.integers(0, 256, (count, 8, 64, 64, 3), dtype=np.uint8)
        np.save(root / f'{name}_frames_data.npy', frames)
        np.save(root / f'{name}_attributes_data.npy', attributes)


def write_checkpoint(backbone: dict) -> None:
    """What of the weights of a backbone, or of its streams, is not there."""
    files, net = backbone['checkpoint'], backbone['backbone']
    if isinstance(files, str):
        streams = {files: net}
    else:
        streams = {file: net[name] for name, file in files.items()}
    for file, stream in streams.items():
        shipped = file.startswith('asset://')
        if not (shipped or Path(file).exists()):
            write_weights(Path(file), stream)


def write_weights(path: Path, backbone: dict) -> None:
    """A recognizer's checkpoint, as MMAction2's model zoo has them.

    Its batch norms know the statistics of noise, so that tokens tell videos
    apart, as those of a trained net do.
    """
    torch.manual_seed(0)
    if backbone['type'] == 'STAM':  # the official file
        stam = build_net(dict(type='STAM', **REDUCTION['STAM']))
        torch.save(dict(model=stam.state_dict()), path)
        return
    reading = reading_of(backbone)
    net = build_net({**reading.options, **backbone})
    for module in net.modules():
        module.momentum = 1.0  # of batch norms
    net.train()
    channels = backbone.get('in_channels', 3)
    read_tokens(net, torch.randn(4, CLIP, channels, 32, 32), reading)
    state = {f'backbone.{k}': v for k, v in net.state_dict().items()}
    state['cls_head.fc_cls.weight'] = torch.zeros(400, 2048)
    torch.save(dict(meta=dict(), state_dict=state), path)


def furnish(cfg: Config) -> None:
    """Put what ``cfg`` reads under the current directory, if not there."""
    datasets = [reading.config for reading in readings(cfg)]
    reads = str([datasets, cfg.model.backbone])
    if reads in _furnished:
        return
    _furnished.add(reads)
    if cfg.model.backbone.type == 'RawClips':
        for dataset in datasets:
            write_sprites(Path(dataset['root']))
        return
    write_data(cfg, cfg.model.cls_head.num_classes)
    prepare(cfg)


def write_data(cfg: Config, num_classes: int) -> None:
    """Lists, videos of the first classes, or tokens, and weights."""
    datasets = [reading.config for reading in readings(cfg)]
    features = cfg.model.backbone.get('features')
    videos = [d.get('videos', d) for d in datasets]
    for dataset in {d['ann_file']: d for d in videos}.values():
        file = Path(dataset['ann_file'])
        if file.exists():
            continue
        if features:
            write_tokens(
                file, features, num_classes, cfg.model.neck.in_channels
            )
        elif dataset.get('type') == 'SegmentDataset':
            write_segments(dataset, num_classes)
        else:
            write_videos(dataset, num_classes)
    if not features:
        write_checkpoint(cfg.model.backbone)


def without_tokens(cfg: Config, monkeypatch) -> Config:
    """A config whose tokens are not there, and nothing may make them."""
    for phase in ('train', 'val', 'test'):
        cfg[f'{phase}_dataloader'].dataset.store_root = 'nowhere'

    def fail(*_):
        raise AssertionError('the extraction began')

    monkeypatch.setattr(Extractor, 'tokens', fail)
    return cfg
