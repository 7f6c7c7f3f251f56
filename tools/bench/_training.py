"""A whole training, phase by phase, for bench_training.py."""

import argparse
import tempfile
from typing import Dict

import numpy as np
import torch
from _measure import Machine
from _parts import step_cost
from _watch import Profile, Stopwatch
from cli import parsed
from mmengine.config import Config
from mmengine.dist import get_rank
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.config import load_config
from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features.filling import fill

CONFIG = 'transferattn_i3d_ucf2hmdb'
# Videos of each list and their mean length in frames.
LISTS = dict(
    source=(1438, 180),
    target=(840, 95),
    test=(360, 95),
    source_test=(571, 180),
)


def write_store(folder: str, name: str, videos: int, frames: int) -> dict:
    """A list and a store of random tokens; returns the data set's config."""
    rng = np.random.default_rng(0)
    names = [f'{name}/{i}.mp4' for i in range(videos)]
    labels = [i % 12 for i in range(videos)]
    with open(f'{folder}/{name}.txt', 'w') as file:
        file.writelines(f'{n} {label}\n' for n, label in zip(names, labels))
    lengths = rng.integers(frames // 3, frames * 5 // 3, videos)
    store = FeatureStore.make(f'{folder}/{name}/i3d', {}, names, labels)
    frames_of = dict(zip(names, lengths))
    fill(
        store,
        names,
        lambda part: (
            (rng.random((frames_of[n], 1024), np.float32), None) for n in part
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
        source_test=cfg.val_cfg.source,
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
    cfg.train_cfg.max_epochs = args.epochs
    cfg.work_dir = f'{folder}/work_dir'
    cfg.launcher = args.launcher
    if args.amp:
        # The range of bfloat16 is that of float32: no loss needs a scale.
        cfg.optim_wrapper.update(
            type='AmpOptimWrapper',
            dtype='bfloat16',
            loss_scale=dict(enabled=False),
        )
    cfg.merge_from_dict(parsed(args.cfg_options))
    return cfg


def measure(cfg: Config, args: argparse.Namespace) -> Dict[str, float]:
    """Train; the figures."""
    watch = Stopwatch()
    runner = Runner.from_cfg(cfg)
    runner.register_hook(watch)
    if args.profile:
        runner.register_hook(Profile(args.profile))
    runner.train()
    steps, seconds = runner.iter, watch.seconds
    step = seconds['training'] / max(1, steps - watch.warm_up)
    machine = Machine('cuda' if torch.cuda.is_available() else 'cpu', 1)
    rate = machine.flops
    if args.amp:
        rate = machine.product_rate(torch.bfloat16)
    flop = step_cost(cfg.train_dataloader.batch_size).flop
    return dict(
        steps=steps,
        total_s=sum(seconds.values()),
        **{f'{phase}_s': value for phase, value in seconds.items()},
        step_ms=1e3 * step,
        tflop_of_a_step=flop / 1e12,
        tflops_of_products=rate / 1e12,
        share_of_rate=flop / step / rate,
        peak_gpu_gb=watch.peak / 1e9,
    )


def run(args: argparse.Namespace) -> Dict[str, float]:
    """The figures; none in other processes than the first."""
    init_default_scope('mmaction')
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(make_config(args, folder), args)
    first = get_rank() == 0
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    return figures if first else {}
