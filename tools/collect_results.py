"""Table of the trainings that tools/run_grid.py made, mean ± std."""

import argparse
import os.path as osp
from glob import glob

from mmaction_uda.visualization import markdown_table


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('work_dir', help='work_dir of run_grid.py')
    parser.add_argument(
        '--bounds',
        nargs=2,
        metavar=('LOWER', 'UPPER'),
        help='add the share of the gap between these two',
    )
    parser.add_argument(
        '--costs', action='store_true', help='add minutes and parameters'
    )
    args = parser.parse_args()
    methods = {}
    for done in sorted(glob(osp.join(args.work_dir, '*/seed*/finished'))):
        folder = osp.dirname(done)
        name = osp.basename(osp.dirname(folder))
        methods.setdefault(name, []).append(folder)
    print(markdown_table(methods, args.bounds, args.costs))


if __name__ == '__main__':
    main()
