"""A whole training, phase by phase, for bench_training.py."""

import argparse
import tempfile
import time
from typing import Dict

import numpy as np
import torch
from _measure import Machine
from _parts import step_cost
from cli import parsed
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.config import load_config
from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features.filling import fill_shard

CONFIG = 'transferattn_i3d_ucf2hmdb'
# Videos of each list and their mean length in frames.
LISTS = dict(source=(1438, 180), target=(840, 95), test=(360, 95))


class Stopwatch(Hook):
    """Seconds that pass in training and in evaluation."""

    priority = 'VERY_LOW'

    def __init__(self) -> None:
        self.seconds: Dict[str, float] = dict(train=0.0, evaluation=0.0)
        self.first = 0.0

    def _lap(self) -> float:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        passed, self.start = now - getattr(self, 'start', now), now
        return passed

    def before_train_epoch(self, runner) -> None:
        """Start; the first time, the end of start-up."""
        self._lap()
        self.first = self.first or self.start

    def after_train_epoch(self, runner) -> None:
        """Add an epoch."""
        self.seconds['train'] += self._lap()

    def before_val_epoch(self, runner) -> None:
        """Start."""
        self._lap()

    def after_val_epoch(self, runner, metrics=None) -> None:
        """Add an evaluation."""
        self.seconds['evaluation'] += self._lap()


def write_store(folder: str, name: str, videos: int, frames: int) -> dict:
    """A list and a store of random tokens; returns the data set's config."""
    rng = np.random.default_rng(0)
    names = [f'{name}/{i}.mp4' for i in range(videos)]
    labels = [i % 12 for i in range(videos)]
    with open(f'{folder}/{name}.txt', 'w') as file:
        file.writelines(f'{n} {label}\n' for n, label in zip(names, labels))
    lengths = rng.integers(frames // 3, frames * 5 // 3, videos)
    store = FeatureStore.make(f'{folder}/{name}/i3d', {}, names, labels)
    for number in range(store.num_shards):
        fill_shard(
            store,
            number,
            lambda ids: (
                rng.random((lengths[i], 1024), np.float32) for i in ids
            ),
        )
    return dict(
        videos=dict(ann_file=f'{folder}/{name}.txt', data_prefix=dict()),
        store=f'{folder}/{name}',
    )


def make_config(args: argparse.Namespace, folder: str) -> Config:
    """The shipped config on random stores."""
    cfg = load_config(CONFIG)
    datasets = dict(
        source=cfg.train_dataloader.dataset.source,
        target=cfg.train_dataloader.dataset.target,
        test=cfg.val_dataloader.dataset,
    )
    for name, (videos, frames) in LISTS.items():
        videos = max(64, int(videos * args.scale))
        found = write_store(folder, name, videos, frames)
        datasets[name].videos.update(found.pop('videos'))
        datasets[name].update(in_memory=args.in_memory, **found)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.update(
            num_workers=args.workers, persistent_workers=args.workers > 0
        )
    cfg.test_cfg = cfg.test_dataloader = cfg.test_evaluator = None
    # Tokens stand for the backbone: no weights of it are needed.
    cfg.model.backbone.update(cached=True, checkpoint=None, seed=0)
    cfg.train_cfg.update(max_epochs=args.epochs, val_interval=1)
    cfg.work_dir = f'{folder}/work_dir'
    if args.amp:
        cfg.optim_wrapper.update(type='AmpOptimWrapper', dtype='bfloat16')
    cfg.merge_from_dict(parsed(args.cfg_options))
    return cfg


def measure(cfg: Config, amp: bool) -> Dict[str, float]:
    """Train; the figures."""
    start, watch = time.perf_counter(), Stopwatch()
    runner = Runner.from_cfg(cfg)
    runner.register_hook(watch)
    runner.train()
    total = time.perf_counter() - start
    batch = cfg.train_dataloader.batch_size
    steps = runner.iter
    machine = Machine('cuda' if torch.cuda.is_available() else 'cpu', 1)
    rate = machine.product_rate(torch.bfloat16) if amp else machine.flops
    flop = step_cost(batch).flop
    return dict(
        steps=steps,
        total_s=total,
        start_up_s=watch.first - start,
        training_s=watch.seconds['train'],
        evaluation_s=watch.seconds['evaluation'],
        step_ms=1e3 * watch.seconds['train'] / steps,
        tflop_of_a_step=flop / 1e12,
        tflops_of_products=rate / 1e12,
        share_of_rate=flop * steps / watch.seconds['train'] / rate,
        peak_gpu_gb=torch.cuda.max_memory_allocated() / 1e9
        if torch.cuda.is_available()
        else 0.0,
    )


def run(args: argparse.Namespace) -> Dict[str, float]:
    """Print the figures, and give them."""
    init_default_scope('mmaction')
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(make_config(args, folder), args.amp)
    for name, value in figures.items():
        print(f'{name:20}{value:12.3f}')
    return figures
