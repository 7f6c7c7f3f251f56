"""Measure a whole training of TransferAttn, UCF101 to HMDB51, I3D.

Real config, Runner, loader, checkpoints and evaluation on stores of random
tokens of the real sizes: 1 438 + 840 videos to train, 360 to test, 1 024
wide. Prints seconds of start-up, of the first steps, which compile and choose
kernels, of the others with loading, of evaluation, and of what is between,
above all checkpoints; and the share of the device's rate of products that the
steps reach. On a GPU add
--amp --in-memory cuda --cfg-options optim_wrapper.optimizer.fused=True
and compile=True, or compile.mode=reduce-overhead for CUDA graphs as well.
"""

import argparse
import gc
import json
import os.path as osp
import tempfile
import time
from typing import Dict

import numpy as np
import torch
from bench_measure import Machine
from benchmark import step_cost
from mmengine.config import Config, DictAction
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import profiler

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.datasets import FeatureStore
from mmaction_uda.datasets.features.filling import fill_shard

CONFIG = osp.join(
    osp.dirname(__file__), '../configs/transferattn_i3d_ucf2hmdb.py'
)
WARM_UP = 5  # steps
# Videos of each list and their mean length in frames.
LISTS = dict(source=(1438, 180), target=(840, 95), test=(360, 95))


class Stopwatch(Hook):
    """Seconds that pass in the phases of a training, and the GPU's peak."""

    def __init__(self) -> None:
        phases = ('start_up', 'warm_up', 'training', 'evaluation', 'between')
        self.seconds: Dict[str, float] = dict.fromkeys(phases, 0.0)
        self.start = time.perf_counter()
        self.warm_up = self.peak = 0

    def _lap(self, phase: str) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        self.seconds[phase] += now - self.start
        self.start = now

    def before_train(self, runner) -> None:
        """End start-up."""
        self._lap('start_up')

    def before_train_epoch(self, runner) -> None:
        """End what is between."""
        self._lap('between')

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        """End the first steps; later the logger forgets their peak."""
        if runner.iter + 1 == WARM_UP:
            self.warm_up = WARM_UP
            self._lap('warm_up')
            if torch.cuda.is_available():
                self.peak = torch.cuda.max_memory_allocated()

    def after_train_epoch(self, runner) -> None:
        """End the steps of an epoch."""
        self._lap('training')

    def before_val_epoch(self, runner) -> None:
        """End what is between."""
        self._lap('between')

    def after_val_epoch(self, runner, metrics=None) -> None:
        """End an evaluation."""
        self._lap('evaluation')

    def after_train(self, runner) -> None:
        """End all."""
        self._lap('between')


class Profile(Hook):
    """Writes what ten steps behind the first ones spend their time with."""

    def __init__(self, path: str) -> None:
        self.path = path

    def before_train(self, runner) -> None:
        """Wait for the first steps to pass."""
        self.profile = profiler.profile(
            schedule=profiler.schedule(
                wait=WARM_UP, warmup=1, active=10, repeat=1
            ),
            on_trace_ready=self._write,
        )
        self.profile.start()

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        """Count a step."""
        self.profile.step()

    def after_train(self, runner) -> None:
        """Write what there is of a shorter training."""
        self.profile.stop()

    def _write(self, profile) -> None:
        averages = profile.key_averages()
        devices = ('cuda', 'cpu')[not torch.cuda.is_available() :]
        with open(self.path, 'w') as file:
            for device in devices:
                key = f'self_{device}_time_total'
                file.write(averages.table(sort_by=key, row_limit=60))


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
    cfg = Config.fromfile(CONFIG)
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
    cfg.merge_from_dict(args.cfg_options or {})
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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('--epochs', type=int, default=300)
    parser.add_argument('--amp', action='store_true', help='bfloat16')
    parser.add_argument('--in-memory', help='of the FeatureDatasets')
    parser.add_argument('--workers', type=int, default=0)
    parser.add_argument(
        '--scale', type=float, default=1.0, help='share of the videos'
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    parser.add_argument(
        '--launcher', default='none', choices=['none', 'pytorch', 'slurm']
    )
    parser.add_argument('--profile', help='write tables of ten steps to this')
    parser.add_argument('--out', help='write the figures to this JSON file')
    args = parser.parse_args()
    gc.freeze()  # MMEngine collects garbage for every data set it builds
    init_default_scope('mmaction')
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(make_config(args, folder), args)
    first = get_rank() == 0
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    if not first:
        return
    for name, value in figures.items():
        print(f'{name:20}{value:12.3f}')
    if args.out:
        with open(args.out, 'w') as file:
            json.dump(dict(vars(args), **figures), file, indent=1)


if __name__ == '__main__':
    main()
