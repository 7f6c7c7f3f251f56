"""Measure whether the rendered benchmark makes an honest comparison.

Prints, for a rendering of each seed, the accuracy on the target's test set of
a temporal encoder trained on the source alone and of one trained on the
labelled target, the oracle, both over the frozen pre-trained backbone; and
the accuracy on single target frames of a whole backbone fine-tuned on single
labelled target frames. Takes about three minutes of one core a
seed, and rendering half a minute.
"""

import os.path as osp
import sys
from pathlib import Path

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import make_parser, told

WEIGHTS = (
    Path(__file__).parents[2] / 'mmaction_uda/assets/shift_net.safetensors'
)


def main() -> None:
    """Measure."""
    parser = make_parser(
        __doc__, 'python tools/dev/check_demo_benchmark.py --seeds 100 101 102'
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[100])
    parser.add_argument('--severity', type=float, default=1.0)
    parser.add_argument('--distractors', type=float, default=0.0)
    parser.add_argument(
        '--root',
        help='where to render, one directory a seed; a temporary one by '
        'default',
    )
    parser.add_argument('--weights', default=str(WEIGHTS), help='backbone')
    args = parser.parse_args()
    with told(args.debug):
        from _check import run

        run(args)


if __name__ == '__main__':
    main()
