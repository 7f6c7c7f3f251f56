"""Measure loading, a disk, extraction, small trainings, long lists and steps.

Steps are MDTA, bottleneck loss and the whole step of the released
TransferAttn: 2 views of 32 + 32 videos, 53 frames of 1024, width 512, 4
blocks, 12 classes; and how they grow. Ours and the direct form
(_direct_forms.py beside, tested to be equal) take turns in one run. Small
trainings and long lists are measured in CPU seconds, the rest in seconds.
"""

import json
import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, new_file, positive, told


def main() -> None:
    """Print the table."""
    parser = make_parser(__doc__, 'python tools/bench/benchmark.py --quick')
    parser.add_argument(
        '--parts',
        nargs='+',
        choices=['loader', 'disk', 'extraction', 'small', 'growth', 'steps'],
        help='some of them, by default all',
    )
    parser.add_argument(
        '--config',
        default='transferattn_demo',
        help='whose extraction and small trainings to measure',
    )
    parser.add_argument('--quick', action='store_true', help='fewer, smaller')
    parser.add_argument('--device', help='by default a GPU if there is one')
    parser.add_argument('--amp', action='store_true', help='bfloat16 steps')
    parser.add_argument(
        '--threads', type=positive, default=2, help='on the CPU'
    )
    parser.add_argument('--repeats', type=positive)
    parser.add_argument(
        '--out', type=new_file, help='write the figures to this JSON file'
    )
    args = parser.parse_args()
    with told(args.debug):
        from _sweep import run

        figures = run(args)
        if args.out:
            with open(args.out, 'w') as file:
                json.dump(figures, file, indent=1)


if __name__ == '__main__':
    main()
