"""How fast stored features are read and made, for bench_features.py."""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from functools import partial
from resource import RUSAGE_CHILDREN, RUSAGE_SELF
from typing import Callable, Dict, List

import numpy as np
import torch
from _disk import WIDTH, bench_disk, tokens_of, write_list
from _growth import cpu
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

# Small frames keep the backbone busy; large ones, shrunk to be as small, what
# decodes them.
SHRINK = dict(small=1, large=8)


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
    return tokens_of(folder)


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
def rendered_videos(
    folder: str, cfg: Config, args: argparse.Namespace, shrink: int
) -> FeatureDataset:
    """Videos of moving noise, read as the config says, and shrunk."""
    size = args.size * shrink
    rng = np.random.default_rng(0)
    for name in write_list(folder, args.videos):
        picture = rng.integers(0, 255, (size // 8,) * 2 + (3,), np.uint8)
        picture = picture.repeat(8, 0).repeat(8, 1)
        frames = [np.roll(picture, t, (0, 1)) for t in range(args.frames)]
        write_mp4(np.stack(frames), f'{folder}/{name}', 25)
    config = next(readings(cfg)).config
    extraction = dict(config['extraction'])
    if shrink > 1:
        steps = [*extraction['pipeline']]
        decoded = [step['type'] for step in steps].index('VideoDecode')
        small = (args.size, args.size)
        resize = dict(type='Resize', scale=small, keep_ratio=False)
        steps.insert(decoded + 1, resize)
        extraction['pipeline'] = steps
    listed = dict(ann_file=f'{folder}/list.txt')
    videos = dict(config['videos'], data_prefix=dict(video=folder), **listed)
    own = dict(store=folder, videos=videos, extraction=extraction)
    return DATASETS.build({**config, **own, 'lazy_init': True})


def bench_making(folder: str, args: argparse.Namespace) -> Dict[str, float]:
    """The extraction of videos with small and with large frames."""
    found = {}
    for kind, shrink in SHRINK.items():
        os.mkdir(f'{folder}/{kind}')
        figures = bench_halves(f'{folder}/{kind}', args, shrink)
        found.update({f'{kind}_{k}': value for k, value in figures.items()})
    return found


def bench_halves(
    folder: str, args: argparse.Namespace, shrink: int
) -> Dict[str, float]:
    """Videos per second of the extraction and of its halves; the ratio to
    the slower half alone, of rates and of what it works, in CPU seconds."""
    cfg = load_config(args.config)
    dataset = rendered_videos(folder, cfg, args, shrink)
    extractor = Extractor(cfg.model, num_workers=1)
    decode = partial(extractor.load, dataset, dataset.names)
    clips = [clip for clip, _ in decode()]

    def extract() -> None:
        shutil.rmtree(dataset.path, ignore_errors=True)
        store = extractor.store(dataset)
        fill(store, dataset.names, partial(extractor.read, dataset))

    def decode_all() -> None:
        for _ in decode():
            pass

    def run_backbone() -> None:
        for clip in clips:
            extractor.tokens(clip)

    figures = rates(
        args, extraction=extract, decoding=decode_all, backbone=run_backbone
    )
    slower = min(('decoding', 'backbone'), key=lambda half: figures[half])
    who = RUSAGE_CHILDREN if slower == 'decoding' else RUSAGE_SELF
    alone = decode_all if slower == 'decoding' else run_backbone
    both = [
        statistics.median(worked(who, work) for _ in range(args.repeats))
        for work in (alone, extract)
    ]
    return dict(
        figures,
        ratio=figures['extraction'] / figures[slower],
        ratio_cpu=both[0] / both[1],
    )


def worked(who: int, work: Callable) -> float:
    """CPU seconds of this process, or of those that it has waited for."""
    before = cpu(who)
    work()
    return cpu(who) - before


def run(args: argparse.Namespace) -> Dict[str, Dict[str, float]]:
    """Print the tables, and give them."""
    init_default_scope('mmaction')
    torch.set_num_threads(1)  # decoding has a core of its own
    tables = {}
    for name, bench in {
        'read': partial(bench_reading, args=args),
        'read from a disk': partial(bench_disk, gigabytes=args.gigabytes),
        'made': partial(bench_making, args=args),
    }.items():
        with tempfile.TemporaryDirectory() as folder:
            tables[name] = bench(folder)
        print(f'videos {name} per second')
        for row, value in tables[name].items():
            print(f'  {row:30}{value:10.2f}')
    return tables
