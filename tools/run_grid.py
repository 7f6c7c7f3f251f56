"""Train every config with every seed; finished trainings are skipped.

A training lies in ``WORK_DIR/<config>/seed<n>``, an ablation in
``WORK_DIR/<config>+<name>/seed<n>``, and is one call of tools/train.py; an
interrupted one is resumed, and one with other settings is refused before
anything is trained. For the embedded benchmark the seed is also that of the
rendering (DEMO_SEED). A plan, a file of YAML, says the same as options:

    methods: [source_only, transferattn]
    backbones: [i3d, stam]      # left out where tasks are settings: [demo]
    tasks: [ucf2hmdb, hmdb2ucf]
    configs: [transferattn_release_demo]
    ablations:
      no_bottleneck: {model.ib_head: None}
    seeds: [0, 1, 2]

Shipped plans: the files of configs/grids, table1.yaml of TransferAttn's paper
for instance.
"""

import argparse

from cli import (
    add_cfg_options,
    add_overwrite,
    hush,
    make_parser,
    number,
    positive,
    told,
)


def parse_args() -> argparse.Namespace:
    """What to train, and where."""
    parser = make_parser(
        __doc__,
        'python tools/run_grid.py source_only_demo dann@demo --seeds 0 1 2',
    )
    parser.add_argument(
        'configs',
        nargs='*',
        metavar='CONFIG|PLAN.yaml',
        help='a file, a shipped experiment (transferattn_demo), '
        'METHOD@SETTING[@SCHEDULE], or a plan',
    )
    for names in ('methods', 'backbones', 'tasks'):
        parser.add_argument(
            f'--{names}',
            nargs='+',
            default=[],
            metavar='NAME',
            help='combined with each other; tasks alone are whole settings',
        )
    parser.add_argument(
        '--ablation',
        nargs='+',
        action='append',
        default=[],
        metavar=('NAME', 'key=value'),
        help='train every config with these settings as well',
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[], help='0 1 2, by default'
    )
    add_cfg_options(parser)
    parser.add_argument('--work-dir', default='work_dirs/grid')
    parser.add_argument(
        '--jobs',
        type=positive,
        help='trainings at a time: by default one on each GPU, two without a '
        'GPU, 64 in the queue of Slurm',
    )
    parser.add_argument(
        '--threads', type=positive, default=1, help='of each training'
    )
    parser.add_argument(
        '--slurm',
        metavar='PARTITION',
        help='as jobs of Slurm; "local" tries it without a cluster',
    )
    parser.add_argument(
        '--hours', type=number, default=24.0, help='of a job of Slurm'
    )
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help='say what would be trained, and which data and weights lack',
    )
    add_overwrite(parser)
    return parser.parse_args()


def main() -> None:
    """Run the grid of the command line."""
    args = parse_args()
    with told(args.debug):
        hush(args)
        from _grid import Grid
        from _places import Here, Slurm
        from _plan import asked_for

        trials, seeds = asked_for(args)
        grid = Grid(
            trials,
            seeds,
            args.work_dir,
            Slurm(args.slurm, args.hours, args.jobs)
            if args.slurm
            else Here(args.jobs),
            threads=args.threads,
            overwrite=args.overwrite,
        )
        if args.dry_run:
            from _preview import show

            show(grid)
        else:
            grid.run()


if __name__ == '__main__':
    main()
