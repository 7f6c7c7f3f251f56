"""Test a checkpoint, after making and checking the data it needs."""

import argparse
import gc
import os
import os.path as osp

from mmengine.config import Config, DictAction
from mmengine.runner import Runner
from train import prepare_once

import mmaction_uda  # noqa: F401 fills the registries


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='where the log goes')
    parser.add_argument(
        '--dump', metavar='FILE.pkl', help='write the predictions to this file'
    )
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
    return parser.parse_args()


def main() -> None:
    """Test."""
    args = parse_args()
    gc.freeze()  # MMEngine collects garbage for every data set it builds
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    cfg.launcher = args.launcher
    name = osp.splitext(osp.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{name}'
    cfg.load_from = args.checkpoint
    if args.dump:
        evaluators = cfg.test_evaluator
        if isinstance(evaluators, dict):
            evaluators = [evaluators]
        cfg.test_evaluator = [
            *evaluators,
            dict(type='DumpResults', out_file_path=args.dump),
        ]
    prepare_once(cfg)
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    main()
