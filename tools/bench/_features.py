"""How fast stored features are read and made, for bench_features.py."""

import argparse
import os.path as osp
import shutil
import statistics
import tempfile
import time
from functools import partial
from typing import Callable, Dict, List

import numpy as np
import torch
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.config import load_config
from mmaction_uda.datasets import FeatureDataset, FeatureStore, SampleFeature
from mmaction_uda.datasets.features.filling import fill
from mmaction_uda.datasets.features.layouts import write_features
from mmaction_uda.datasets.rendered.video import write_mp4
from mmaction_uda.engine.extraction import Extractor
from mmaction_uda.engine.readings import readings

WIDTH = 1024  # of the features that are read


def rates(args: argparse.Namespace, **steps: Callable) -> Dict[str, float]:
    """Videos per second of each step, the median.

    The steps take turns, so that a busy machine slows them all alike; the
    first turn only warms up.
    """
    seconds: Dict[str, List[float]] = {name: [] for name in steps}
    for _ in range(args.repeats + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    return {
        name: args.videos / statistics.median(values[1:])
        for name, values in seconds.items()
    }


def write_list(folder: str, videos: int) -> List[str]:
    """Make ``list.txt``; returns the names of the videos."""
    names = [f'{i}.mp4' for i in range(videos)]
    with open(osp.join(folder, 'list.txt'), 'w') as file:
        file.writelines(f'{name} 0\n' for name in names)
    return names


# -- reading ----------------------------------------------------------------
def random_features(folder: str, videos: int, frames: int) -> FeatureDataset:
    """Features of ``frames / 2`` to ``3 frames / 2`` frames, in both forms."""
    names = write_list(folder, videos)
    rng = np.random.default_rng(0)
    lengths = rng.integers(frames // 2, frames * 3 // 2 + 1, videos)
    features = [rng.random((n, WIDTH), np.float32) for n in lengths]
    store = FeatureStore.make(f'{folder}/store', {}, names, [0] * videos)
    rows = dict(zip(names, features))
    fill(store, names, lambda part: ((rows[name], None) for name in part))
    for name in names:
        write_features(f'{folder}/t7/{name}', 't7', rows[name])
    return DATASETS.build(
        dict(
            type='FeatureDataset',
            videos=dict(type='VideoDataset', ann_file=f'{folder}/list.txt'),
            extraction=dict(name='store'),
            store=folder,
            pipeline=[
                dict(type='SampleFeature'),
                dict(type='PackActionInputs'),
            ],
        )
    )


def bench_reading(folder: str, args: argparse.Namespace) -> Dict[str, float]:
    """Samples per second from a store and from ``.t7`` folders."""
    dataset = random_features(folder, args.videos, args.frames)
    sample = SampleFeature()

    def read_store() -> None:
        for i in range(args.videos):
            dataset[i]

    def read_t7() -> None:
        for i, name in enumerate(dataset.names):
            indices = sample.frame_indices(len(dataset.features[i]))
            files = (
                f'{folder}/t7/{name}/img_{n + 1:05d}.t7' for n in indices.flat
            )
            rows = [torch.load(file, weights_only=True) for file in files]
            torch.stack(rows).view(*indices.shape, WIDTH)

    figures = rates(args, store=read_store, t7_files=read_t7)
    return dict(figures, ratio=figures['store'] / figures['t7_files'])


# -- making -----------------------------------------------------------------
def rendered_videos(folder: str, cfg: Config, args) -> FeatureDataset:
    """Videos of moving noise, read as the config says."""
    rng = np.random.default_rng(0)
    for name in write_list(folder, args.videos):
        picture = rng.integers(0, 255, (args.size // 8,) * 2 + (3,), np.uint8)
        picture = picture.repeat(8, 0).repeat(8, 1)
        frames = [np.roll(picture, t, (0, 1)) for t in range(args.frames)]
        write_mp4(np.stack(frames), f'{folder}/{name}', 25)
    config = next(readings(cfg)).config
    listed = dict(ann_file=f'{folder}/list.txt')
    videos = dict(config['videos'], data_prefix=dict(video=folder), **listed)
    own = dict(store=folder, videos=videos, lazy_init=True)
    return DATASETS.build({**config, **own})


def bench_making(folder: str, args: argparse.Namespace) -> Dict[str, float]:
    """Videos per second of the extraction and of its halves."""
    cfg = load_config(args.config)
    dataset = rendered_videos(folder, cfg, args)
    extractor = Extractor(cfg.model, num_workers=1)
    decode = partial(extractor.load, dataset, dataset.names)
    clips = [clip for clip, _ in decode()]

    def extract() -> None:
        shutil.rmtree(dataset.path, ignore_errors=True)
        store = extractor.store(dataset)
        fill(store, dataset.names, partial(extractor.read, dataset))

    figures = rates(
        args,
        extraction=extract,
        decoding=lambda: list(decode()),
        backbone=lambda: [extractor.tokens(clip) for clip in clips],
    )
    slower = min(figures['decoding'], figures['backbone'])
    return dict(figures, ratio=figures['extraction'] / slower)


def run(args: argparse.Namespace) -> Dict[str, Dict[str, float]]:
    """Print both tables, and give them."""
    init_default_scope('mmaction')
    torch.set_num_threads(1)  # decoding has a core of its own
    tables = {}
    for name, bench in (('read', bench_reading), ('made', bench_making)):
        with tempfile.TemporaryDirectory() as folder:
            tables[name] = bench(folder, args)
        print(f'videos {name} per second')
        for row, value in tables[name].items():
            print(f'  {row:12}{value:10.2f}')
    return tables
