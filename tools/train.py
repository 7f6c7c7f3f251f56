"""Train a config, after making and checking the data it needs.

Where the config lists stages that come before it, those that are not finished
are trained first, each in a directory of its own below the work_dir.
"""

import argparse
import gc
import os
import os.path as osp
import sys
from contextlib import contextmanager
from typing import Iterator

import torch
from mmengine.config import Config, DictAction
from mmengine.dist import init_dist

from mmaction_uda.engine import open_stages, train


def add_common_options(
    parser: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Options of both training and testing."""
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value',
    )
    parser.add_argument(
        '--launcher',
        default='none',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser


def load_config(args: argparse.Namespace) -> Config:
    """Read the config and write the common options into it."""
    gc.freeze()  # MMEngine collects garbage for every data set it builds
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    cfg.launcher = args.launcher
    name = osp.splitext(osp.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{name}'
    return cfg


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='resume from a checkpoint, by default the last in work_dir',
    )
    parser.add_argument(
        '--amp', action='store_true', help='mixed precision (GPU)'
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='do not validate'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the batch size',
    )
    parser.add_argument('--seed', type=int, help='random seed')
    parser.add_argument(
        '--deterministic',
        action='store_true',
        help='deterministic algorithms of cuDNN',
    )
    return add_common_options(parser).parse_args()


def merge_args(cfg: Config, args: argparse.Namespace) -> Config:
    """Write the options of training into the config."""
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    if args.amp:
        if not torch.cuda.is_available():
            sys.exit('--amp needs a GPU: no CUDA device was found.')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.seed is not None:
        cfg.randomness.seed = args.seed
    if args.deterministic:
        cfg.randomness.deterministic = True
    return cfg


@contextmanager
def launched(cfg: Config) -> Iterator[None]:
    """Let the processes of a launcher know each other; they share work.

    They part in order when the work is done: Gloo's threads can abort a
    process that exits without. After an error they are left to the launcher,
    since NCCL could wait here for a process that no longer answers.
    """
    if cfg.launcher != 'none':
        init_dist(cfg.launcher, **cfg.env_cfg.dist_cfg)
    yield
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def main() -> None:
    """Train."""
    args = parse_args()
    cfg = load_config(args)
    stages = open_stages(cfg)
    merge_args(cfg, args)
    args.resume = args.resume and 'auto'  # a checkpoint is that of cfg
    for stage in stages.values():
        merge_args(stage, args)
    with launched(cfg):
        train(cfg, stages)


if __name__ == '__main__':
    main()
