"""Measure how start-up and validation grow with the length of lists.

A training of TransferAttn on lists of so many lines in all: 60 % of them name
target videos, 30 % source videos, 5 % tests of each; files are empty, tokens
tiny. Prints CPU seconds of the process: of
the check of all lists, of what a training is compared by, of the comparison
of stores with their videos and checksums, of opening data sets, of the order
of an epoch, and of what a validation keeps and counts beside the model.
"""

import json
import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import hush, make_parser, new_file, positive, told


def main() -> None:
    """Print the table."""
    parser = make_parser(
        __doc__, 'python tools/bench/bench_growth.py 1000 10000'
    )
    parser.add_argument(
        'lines',
        nargs='*',
        type=positive,
        default=[10**3, 10**4, 10**5, 10**6],
        help='of all lists; by default 1000 to a million',
    )
    parser.add_argument(
        '--out', type=new_file, help='write the figures to this JSON file'
    )
    args = parser.parse_args()
    with told(args.debug):
        hush(args)
        from _growth import run

        figures = run(args)
        if args.out:
            with open(args.out, 'w') as file:
                json.dump(figures, file, indent=1)


if __name__ == '__main__':
    main()
