"""Tune the embedded benchmark's schedule, on renderings 100, 101, ...

The reported renderings (0, 1, 2) are never touched. Each setting is a list
of ``key=value`` for ``--cfg-options``; every config is trained with each,
and the target top-1 at the last epoch is averaged over the seeds. Keys that
are joined by ``+`` take the same value.
"""

import os.path as osp
import sys
from itertools import chain, product
from typing import List

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import config_parser, hush, positive, told


def parse_args():
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/dev/tune_demo.py baseline@demo transferattn@demo '
        '--grid model.loss_entropy.loss_weight=0.1,0.3',
        several=True,
    )
    parser.add_argument(
        '--grid',
        nargs='+',
        default=[],
        metavar='key=value,…',
        help='values of each axis',
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[100, 101])
    parser.add_argument('--work-dir', default='work_dirs/tune')
    parser.add_argument(
        '--jobs', type=positive, default=2, help='trainings at a time'
    )
    args = parser.parse_args()
    if min(args.seeds) < 100:
        parser.error('seeds below 100 are those that are reported')
    if not all('=' in axis for axis in args.grid):
        parser.error(f'--grid {" ".join(args.grid)}: give key=value,value')
    return args


def settings(axes: List[str]) -> List[List[str]]:
    """What is tried: a value of every axis."""
    options = [
        [[f'{k}={v}' for k in keys.split('+')] for v in values.split(',')]
        for keys, values in (axis.split('=', 1) for axis in axes)
    ]
    return [list(chain(*setting)) for setting in product(*options)]


def main() -> None:
    """Train the grid and print it, best setting of each config last."""
    args = parse_args()
    with told(args.debug):
        hush(args)
        from _grid import Grid

        from mmaction_uda.visualization import mean_std, summarise

        results = []
        for setting in settings(args.grid):
            name = '_'.join(s.split('.', 1)[-1] for s in setting) or 'default'
            runs = Grid(
                args.configs,
                args.seeds,
                osp.join(args.work_dir, name),
                args.jobs,
                ['train_cfg.val_interval=10', *args.cfg_options, *setting],
                args.work_dir,  # settings share the stages before
            ).run()
            for config, folders in runs.items():
                results.append((config, summarise(folders)['top1'], name))
        results.sort(key=lambda result: (result[0], sum(result[1])))
        for config, top1, name in results:
            print(f'{config:24s} {mean_std(top1):>12s}  {name}')


if __name__ == '__main__':
    main()
