"""One page on finished trainings, for a browser, and their table as files.

Writes OUT/report.html, which needs no other file and no network, and
OUT/table.md, table.tex and table.csv. What the models have to be run for
(embedding, distances of the domains, attention) is shown where their stored
tokens are there; the page says what is missing. It shows no frame of a video
unless --thumbnails asks for them: frames of many data sets must not be
published.
"""

import os.path as osp

from _runs import chosen, runs_parser
from cli import told


def main() -> None:
    """Write the report."""
    parser = runs_parser(
        __doc__, 'python tools/report.py work_dirs/grid --out work_dirs/report'
    )
    parser.add_argument(
        '--out', default='work_dirs/report', help='folder for the files'
    )
    parser.add_argument(
        '--thumbnails',
        action='store_true',
        help='show frames of videos, and play small ones',
    )
    parser.add_argument('--title', help='above the page')
    args = parser.parse_args()
    with told(args.debug):
        found = chosen(args)
        if osp.exists(args.out) and not osp.isdir(args.out):
            raise ValueError(f'--out {args.out!r} is a file, no folder.')
        from mmaction_uda.visualization.report import gather, write_report

        facts = gather(**found, models=True, thumbnails=args.thumbnails)
        for line in facts['warnings'] + facts['missing']:
            print(f'warning: {line}')
        print(
            f'written: {", ".join(write_report(facts, args.out, args.title))}'
        )


if __name__ == '__main__':
    main()
