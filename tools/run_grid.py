"""Train every config with every seed; finished trainings are skipped.

A training lies in ``WORK_DIR/<config>/seed<n>`` and is one call of
tools/train.py; an interrupted one is resumed, and one with other settings is
refused before anything is trained. For the embedded benchmark the
seed is also that of the rendering (DEMO_SEED).
"""

from cli import add_overwrite, config_parser, hush, positive, told


def main() -> None:
    """Run the grid of the command line."""
    parser = config_parser(
        __doc__,
        'python tools/run_grid.py source_only_demo dann@demo --seeds 0 1 2',
        several=True,
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--work-dir', default='work_dirs/grid')
    parser.add_argument(
        '--jobs', type=positive, default=2, help='trainings at a time'
    )
    parser.add_argument(
        '--threads', type=positive, default=1, help='of each training'
    )
    add_overwrite(parser)
    args = parser.parse_args()
    with told(args.debug):
        hush(args)
        from _grid import Grid

        Grid(
            args.configs,
            args.seeds,
            args.work_dir,
            args.jobs,
            args.cfg_options,
            threads=args.threads,
            overwrite=args.overwrite,
        ).run()


if __name__ == '__main__':
    main()
