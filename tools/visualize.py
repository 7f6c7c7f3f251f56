"""One picture of finished trainings, for a paper.

curves: accuracy over epochs; confusion: true and predicted classes; classes:
gain of each class over source-only; embedding: test videos by domain and by
class, before and behind the encoder; distances: A-distance and MMD of the
domains, layer by layer; attention: what MDTA weighs, under the frames.
"""

import argparse
import os.path as osp

from _runs import chosen, runs_parser
from cli import new_file, told

# Those of mmaction_uda.visualization.figures, which is slow to import.
KINDS = tuple('curves confusion classes embedding distances attention'.split())
ENDINGS = ('.png', '.svg', '.pdf')


def picture(path: str) -> str:
    """A file of a kind that can be written."""
    if osp.splitext(path)[1] not in ENDINGS:
        raise argparse.ArgumentTypeError(
            f'{path!r} must end in {", ".join(ENDINGS)}'
        )
    return new_file(path)


def main() -> None:
    """Draw."""
    parser = runs_parser(
        __doc__,
        'python tools/visualize.py curves work_dirs/grid --out curves.svg',
        KINDS,
    )
    parser.add_argument(
        '--out',
        type=picture,
        required=True,
        metavar='FILE',
        help='the picture; .svg and .pdf keep lines and letters, .png has '
        '300 dots an inch',
    )
    args = parser.parse_args()
    with told(args.debug):
        found = chosen(args)
        from mmaction_uda.visualization.figures import KINDS as DRAWN
        from mmaction_uda.visualization.figures import NEEDED, OF_MODELS, save
        from mmaction_uda.visualization.report import gather

        run = args.kind in OF_MODELS
        facts = gather(**found, models=run, thumbnails=run)
        panels = DRAWN[args.kind](facts)
        if not panels:
            raise ValueError(
                '\n'.join(
                    [
                        f'{args.kind}: there is nothing to draw. It takes '
                        f'{NEEDED[args.kind]}.',
                        *facts['missing'],
                    ]
                )
            )
        for line in facts['missing']:
            print(f'warning: {line}')
        save(panels, args.out)
        print(f'written: {args.out}')


if __name__ == '__main__':
    main()
