"""Measure a whole training of TransferAttn, UCF101 to HMDB51, I3D.

Real config, Runner, loader, checkpoints and evaluation on stores of random
tokens of the real sizes: 1 438 + 840 videos to train, 360 to test, 1 024
wide. Prints seconds of start-up, of training steps with loading, and of
evaluation, and the share of the device's rate of products that the steps
reach. On a GPU add --amp --in-memory cuda.
"""

import json
import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import add_cfg_options, hush, make_parser, new_file, positive, told


def main() -> None:
    """Print the figures."""
    parser = make_parser(
        __doc__, 'python tools/bench/bench_training.py --epochs 1'
    )
    add_cfg_options(parser)
    parser.add_argument('--epochs', type=positive, default=300)
    parser.add_argument('--amp', action='store_true', help='bfloat16')
    parser.add_argument('--in-memory', help='of the FeatureDatasets')
    parser.add_argument('--workers', type=int, default=0)
    parser.add_argument(
        '--scale', type=float, default=1.0, help='share of the videos'
    )
    parser.add_argument(
        '--out', type=new_file, help='write the figures to this JSON file'
    )
    args = parser.parse_args()
    with told(args.debug):
        hush(args)
        from _training import run

        figures = run(args)
        if args.out:
            with open(args.out, 'w') as file:
                json.dump(dict(vars(args), **figures), file, indent=1)


if __name__ == '__main__':
    main()
