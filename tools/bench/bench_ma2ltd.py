"""Measure MA2LT-D's discriminators, batched against one after the other.

Forward and backward of 128 networks 256 -> 1024 -> 1024 -> 1, one for each
time step of its four scales: a DiscriminatorBank against a loop over 128
Discriminators with the same weights. The two take turns; each figure is the
best of some repeats, after a turn that only warms up.
"""

import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, positive, told


def main() -> None:
    """Print both times and their ratio."""
    parser = make_parser(
        __doc__, 'python tools/bench/bench_ma2ltd.py --threads 1'
    )
    parser.add_argument(
        '--rows', type=positive, default=32, help='batch x views'
    )
    parser.add_argument('--repeats', type=positive, default=3)
    parser.add_argument('--threads', type=positive, default=2)
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args()
    with told(args.debug):
        from _ma2ltd import run

        run(args)


if __name__ == '__main__':
    main()
