"""The main job on the embedded benchmark: render, train, compare, draw.

Four methods with one seed. WORK_DIR/report.html shows what they have learnt,
WORK_DIR/README.md the table and how to go on. Takes some minutes on two cores;
what is finished is not done again.
"""

import os.path as osp
import time

from cli import add_overwrite, hush, make_parser, told


def main() -> None:
    """Run and report."""
    parser = make_parser(__doc__, 'python tools/quickstart.py')
    parser.add_argument('--work-dir', default='work_dirs/quickstart')
    add_overwrite(parser)
    args = parser.parse_args()
    start = time.time()
    with told(args.debug):
        hush(args)
        from _grid import Grid
        from _plan import Trial
        from _report import ROWS, SEED, write_all
        from rich.console import Console
        from rich.markdown import Markdown

        trials = {name: Trial(row.config) for name, row in ROWS.items()}
        runs = Grid(
            [*trials.values()], [SEED], args.work_dir, overwrite=args.overwrite
        ).run()
        report = write_all(
            {name: runs[trial.name] for name, trial in trials.items()},
            args.work_dir,
        )
        Console(width=120).print(Markdown('\n\n'.join(report)))
    print(
        f'written: {osp.join(args.work_dir, "report.html")} (open it in a '
        f'browser), README.md, table.tex, table.csv, curves.svg, '
        f'attention.png; {time.time() - start:.0f} s in all'
    )


if __name__ == '__main__':
    main()
