"""Make and check the data of a config: render, list, extract features.

Of a config with stages, those of the first that is not yet trained.
"""

import argparse

from train import add_common_options, launched, load_config

from mmaction_uda.engine import is_finished, open_stages, prepare


def main() -> None:
    """Prepare the data without training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--num-processes',
        type=int,
        default=1,
        help='processes that share the videos, without a launcher; each '
        'takes the next GPU, if there are GPUs',
    )
    args = add_common_options(parser).parse_args()
    if args.num_processes < 1:
        parser.error(f'--num-processes {args.num_processes} is less than 1')
    if args.num_processes > 1 and args.launcher != 'none':
        parser.error(
            f'--launcher {args.launcher} starts the processes: leave out '
            f'--num-processes {args.num_processes}'
        )
    cfg = load_config(args)
    for stage in open_stages(cfg).values():
        if not is_finished(stage):
            cfg = stage
            break
    with launched(cfg):
        prepare(cfg, args.num_processes)


if __name__ == '__main__':
    main()
