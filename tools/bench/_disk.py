"""Reading at random from a store that is not in memory, for the benchmarks."""

import multiprocessing
import os
import os.path as osp
import statistics
import time
from functools import partial
from typing import Callable, Dict, List

import numpy as np
from mmaction.registry import DATASETS

from mmaction_uda.datasets import FeatureDataset, FeatureStore
from mmaction_uda.datasets.features.filling import fill

WIDTH, BATCH, BATCHES, TURNS = 1024, 32, 30, 3
WAYS: Dict[str, Callable] = dict(
    batches=lambda dataset, batch: dataset.__getitems__(batch),
    one_by_one=lambda dataset, batch: [dataset[i] for i in batch],
)
# Tokens of a video and their dtype: ``r50i3d``, and a window for every frame.
RECORDS = dict(records=(53, 'float32'), long_records=(250, 'float16'))


def write_list(folder: str, videos: int) -> List[str]:
    """Make ``list.txt``; returns the names of the videos."""
    names = [f'{i}.mp4' for i in range(videos)]
    with open(osp.join(folder, 'list.txt'), 'w') as file:
        file.writelines(f'{name} 0\n' for name in names)
    return names


def tokens_of(folder: str) -> FeatureDataset:
    """Reads the store and the list in a folder as a training does."""
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


def write_store(
    folder: str, frames: int, dtype: str, gigabytes: float
) -> FeatureDataset:
    """A store of this size, whose tokens nobody has mapped or read."""
    size = frames * WIDTH * np.dtype(dtype).itemsize
    names = write_list(folder, int(gigabytes * 1e9 / size))
    store = FeatureStore.make(
        f'{folder}/store', {}, names, [0] * len(names), dtype
    )
    rng = np.random.default_rng(0)
    rows = rng.random((2 * frames, WIDTH), np.float32).astype(dtype)
    starts = rng.integers(0, frames, len(names))
    tokens = (rows[start : start + frames] for start in starts)
    fill(store, names, lambda part: ((next(tokens), None) for _ in part))
    return tokens_of(folder)


def forget(folder: str) -> None:
    """Let the system keep nothing of the files in memory."""
    for entry in os.scandir(folder):
        file = os.open(entry.path, os.O_RDONLY)
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def in_worker(work: Callable[[], float]) -> float:
    """What a forked process finds; its mapped pages go when it ends."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    fork = multiprocessing.get_context('fork')
    child = fork.Process(target=lambda: theirs.send(work()))
    child.start()
    found = ours.recv()
    child.join()
    return found


def measured(
    read: Callable, dataset: FeatureDataset, indices: np.ndarray
) -> float:
    """Samples per second."""
    start = time.perf_counter()
    for batch in indices:
        read(dataset, batch)
    return indices.size / (time.perf_counter() - start)


def bench_disk(folder: str, gigabytes: float) -> Dict[str, float]:
    """Samples per second of batches drawn at random, the medians of turns.

    *Cold*, when nothing of the store is in memory, and again with the same
    videos, *warm*; as batches, and one by one, without reading ahead.
    """
    found: Dict[str, List[float]] = {}
    for kind, (frames, dtype) in RECORDS.items():
        os.mkdir(f'{folder}/{kind}')
        dataset = write_store(f'{folder}/{kind}', frames, dtype, gigabytes)

        for turn in range(TURNS):
            rng = np.random.default_rng(turn)
            for way, read in WAYS.items():
                indices = rng.integers(0, len(dataset), (BATCHES, BATCH))
                forget(dataset.path)
                for state in ('cold', 'warm'):
                    rate = in_worker(partial(measured, read, dataset, indices))
                    name = f'{kind}_{way}_{state}'
                    found.setdefault(name, []).append(rate)
    return {name: statistics.median(rates) for name, rates in found.items()}
