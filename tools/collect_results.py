"""Table of trainings, mean ± std over seeds [95 % interval over test videos].

Those of tools/run_grid.py, ``WORK_DIR/<config>/seed<n>``, and those of
tools/train.py, ``WORK_DIR/<config>`` or WORK_DIR itself.
"""

import argparse
import os.path as osp
import re
from glob import glob
from typing import Dict, Iterable, List

from cli import make_parser, told

FINISHED = 'weights.safetensors'  # what a training writes at its end


def main() -> None:
    """Print the table as Markdown, below it what went wrong."""
    parser = make_parser(
        __doc__,
        'python tools/collect_results.py work_dirs/grid '
        '--bounds source_only_demo oracle_demo',
    )
    parser.add_argument('work_dir', help='where trainings lie')
    parser.add_argument(
        '--bounds',
        nargs=2,
        metavar=('LOWER', 'UPPER'),
        help='add the share of the gap between these two, and the '
        'difference to LOWER',
    )
    parser.add_argument(
        '--versus',
        nargs='+',
        default=[],
        metavar='NAME',
        help='add the difference to each of these',
    )
    parser.add_argument(
        '--costs', action='store_true', help='add minutes and parameters'
    )
    args = parser.parse_args()
    with told(args.debug):
        methods = find(args.work_dir)
        check_named(args, methods)
        if args.costs:
            check_costs(methods)
        from mmaction_uda.visualization import markdown_alarms, markdown_table

        table = markdown_table(methods, args.bounds, args.costs, args.versus)
        print(table + markdown_alarms(methods, args.bounds))


def find(work_dir: str) -> Dict[str, List[str]]:
    """Finished trainings, ``{name: a folder for each seed}``."""
    if not osp.isdir(work_dir):
        raise ValueError(f'there is no folder {work_dir!r}.')
    root = osp.normpath(work_dir)
    own = glob(osp.join(root, FINISHED))
    alone = glob(osp.join(root, '*', FINISHED))
    seeds = glob(osp.join(root, '*', 'seed*', FINISHED))
    methods: Dict[str, List[str]] = {}
    # What lies below a training is one of its stages.
    for file in own or sorted(alone + seeds):
        folder = named = osp.dirname(file)
        if re.fullmatch(r'seed\d+', osp.basename(folder)):
            named = osp.dirname(folder)
        name = osp.basename(osp.abspath(named))
        methods.setdefault(name, []).append(folder)
    if not methods:
        raise ValueError(
            f'no training below {work_dir!r} is finished: there is no '
            f'{FINISHED}, <config>/{FINISHED} or <config>/seed<n>/{FINISHED}.'
        )
    return methods


def check_named(args: argparse.Namespace, methods: Iterable[str]) -> None:
    """Refuse names of trainings that are not there."""
    for option in ('bounds', 'versus'):
        named = getattr(args, option) or ()
        unknown = [name for name in named if name not in methods]
        if unknown:
            raise ValueError(
                f'--{option}: there is no {" and no ".join(unknown)} in '
                f'{args.work_dir!r}, but {", ".join(methods)}.'
            )


def check_costs(methods: Dict[str, List[str]]) -> None:
    """Refuse trainings whose minutes nobody has counted."""
    folders = [folder for same in methods.values() for folder in same]
    for folder in folders:
        if not osp.isfile(osp.join(folder, 'finished')):
            raise ValueError(
                f'--costs: only tools/run_grid.py counts minutes, and '
                f'{folder!r} is not its work.'
            )


if __name__ == '__main__':
    main()
