"""Make and check the data of a config: render, list, extract features.

Of a config with stages, those of the first that is not yet trained.
"""

import argparse

from cli import (
    add_run_options,
    config_parser,
    launched,
    load_run,
    positive,
    told,
)


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/extract_features.py configs/transferattn_demo.py '
        '--num-processes 2',
    )
    parser.add_argument(
        '--num-processes',
        type=positive,
        default=1,
        help='processes that share the videos, without a launcher; each '
        'takes the next GPU, if there are GPUs',
    )
    add_run_options(parser)
    args = parser.parse_args()
    if args.num_processes > 1 and args.launcher != 'none':
        parser.error(
            f'--launcher {args.launcher} starts the processes: leave out '
            f'--num-processes {args.num_processes}'
        )
    return args


def main() -> None:
    """Prepare the data without training."""
    args = parse_args()
    with told(args.debug):
        from mmaction_uda.engine import is_finished, open_stages, prepare

        cfg = load_run(args)
        for stage in open_stages(cfg).values():
            if not is_finished(stage):
                cfg = stage
                break
        with launched(cfg):
            prepare(cfg, args.num_processes)


if __name__ == '__main__':
    main()
