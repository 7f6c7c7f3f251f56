"""Measure how fast stored features are read and made, on CPU.

Reading: items of a FeatureDataset, 2 views of 53 frames, against the same
features in folders of .t7 files, where the released code of TransferAttn
calls torch.load for each of the 106 frames. All files were read before, so
they are in memory (a warm page cache).

Reading from a disk: batches drawn at random from a store that is not in
memory, and again when these videos are; as batches and one by one, when
nothing is read ahead. TMPDIR says on which disk.

Making: the Extractor, one decoding process beside one thread of the
backbone, against either of them alone; with frames so small that the
backbone is slower, and so large that decoding is.

Each figure is the median of some repeats.
"""

import json
import os.path as osp
import sys

sys.path.insert(0, osp.dirname(osp.dirname(osp.abspath(__file__))))
from cli import hush, make_parser, new_file, number, positive, told


def main() -> None:
    """Print the tables."""
    parser = make_parser(
        __doc__, 'python tools/bench/bench_features.py --videos 16'
    )
    parser.add_argument(
        '--config',
        default='source_only_demo',
        help='whose videos and backbone to measure',
    )
    parser.add_argument('--videos', type=positive, default=32)
    parser.add_argument(
        '--frames', type=positive, default=128, help='of a video'
    )
    parser.add_argument(
        '--size', type=positive, default=64, help='of a small frame'
    )
    parser.add_argument(
        '--gigabytes',
        type=number,
        default=4.0,
        help='of a store that is not in memory',
    )
    parser.add_argument('--repeats', type=positive, default=5)
    parser.add_argument(
        '--out', type=new_file, help='write the figures to this JSON file'
    )
    args = parser.parse_args()
    with told(args.debug):
        hush(args)
        from _features import run

        tables = run(args)
        if args.out:
            with open(args.out, 'w') as file:
                json.dump(dict(vars(args), **tables), file, indent=1)


if __name__ == '__main__':
    main()
