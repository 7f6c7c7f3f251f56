"""Table of trainings, mean ± std over seeds [95 % interval over test videos].

The text of tools/report.py alone: nothing is run, no picture is drawn.
"""

from _runs import check_costs, chosen, runs_parser
from cli import told

# Those of mmaction_uda.visualization.report.FORMATS, which is slow to import.
FORMATS = ('markdown', 'latex', 'csv')


def main() -> None:
    """Print the table; Markdown has what went wrong below."""
    parser = runs_parser(
        __doc__,
        'python tools/collect_results.py work_dirs/grid '
        '--bounds source_only_demo oracle_demo',
    )
    parser.add_argument(
        '--costs', action='store_true', help='add minutes and parameters'
    )
    parser.add_argument(
        '--format',
        choices=FORMATS,
        default='markdown',
        help='markdown, latex (for booktabs), csv (bare numbers)',
    )
    args = parser.parse_args()
    with told(args.debug):
        found = chosen(args)
        if args.costs:
            check_costs(found['methods'])
        from mmaction_uda.visualization import report

        facts = report.gather(**found, costs=args.costs)
        print(report.FORMATS[args.format](facts))


if __name__ == '__main__':
    main()
