"""Tune the embedded benchmark's schedule, on renderings 100, 101, ...

The reported renderings (0, 1, 2) are never touched. Each setting is a list
of ``key=value`` for ``--cfg-options``; every method is trained with each,
and the target top-1 at the last epoch is averaged over the seeds. Keys that
are joined by ``+`` take the same value.

    python tools/tune_demo.py --methods baseline transferattn \\
        --grid model.loss_entropy.loss_weight=0.1,0.3 \\
               model.domain_head.grl.amplitude=0.1,0.3,1.0
"""

import argparse
import os.path as osp
from itertools import chain, product

from run_grid import Grid

from mmaction_uda.visualization import mean_std, summarise

ROOT = osp.dirname(osp.dirname(osp.abspath(__file__)))


def main() -> None:
    """Train the grid and print it, best setting of each method last."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--methods', nargs='+', required=True)
    parser.add_argument(
        '--grid',
        nargs='+',
        default=[],
        help='key=value,value,... for each axis',
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[100, 101])
    parser.add_argument('--work-dir', default='work_dirs/tune')
    parser.add_argument('--jobs', type=int, default=2)
    args = parser.parse_args()
    if min(args.seeds) < 100:
        parser.error('seeds below 100 are those that are reported')
    axes = [
        [[f'{k}={v}' for k in keys.split('+')] for v in values.split(',')]
        for keys, values in (axis.split('=', 1) for axis in args.grid)
    ]
    configs = [osp.join(ROOT, f'configs/{m}_demo.py') for m in args.methods]
    results = []
    for settings in product(*axes):
        setting = list(chain(*settings))
        name = '_'.join(s.split('.', 1)[-1] for s in setting) or 'default'
        runs = Grid(
            configs,
            args.seeds,
            osp.join(args.work_dir, name),
            args.jobs,
            ['train_cfg.val_interval=10', *setting],
            args.work_dir,  # settings share the stages before
        ).run()
        for method, config in zip(args.methods, configs):
            results.append((method, summarise(runs[config])['top1'], name))
    for method, top1, name in sorted(results, key=lambda r: (r[0], sum(r[1]))):
        print(f'{method:24s} {mean_std(top1):>12s}  {name}')


if __name__ == '__main__':
    main()
