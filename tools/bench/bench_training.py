"""Measure a whole training of TransferAttn, UCF101 to HMDB51, I3D.

Real config, Runner, loader, checkpoints and evaluation on stores of random
tokens of the real sizes: 1 438 + 840 videos to train, 360 to test, 1 024
wide. Prints seconds of start-up, of the first steps, which compile and choose
kernels, of the others with loading, of evaluation, and of what is between,
above all checkpoints; and the share of the device's rate of products that the
steps reach. On a GPU add
--amp --in-memory cuda --cfg-options optim_wrapper.optimizer.fused=True
and compile=True, or compile.mode=reduce-overhead for CUDA graphs as well.
"""

import json
import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import add_cfg_options, make_parser, new_file, positive, told


def parse_args():
    """Options."""
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
        '--launcher', default='none', choices=['none', 'pytorch', 'slurm']
    )
    parser.add_argument(
        '--profile', type=new_file, help='write tables of ten steps to this'
    )
    parser.add_argument(
        '--out', type=new_file, help='write the figures to this JSON file'
    )
    return parser.parse_args()


def main() -> None:
    """Print the figures."""
    args = parse_args()
    with told(args.debug):
        from _training import run

        figures = run(args)
        for name, value in figures.items():
            print(f'{name:20}{value:12.3f}')
        if args.out and figures:
            with open(args.out, 'w') as file:
                json.dump(dict(vars(args), **figures), file, indent=1)


if __name__ == '__main__':
    main()
