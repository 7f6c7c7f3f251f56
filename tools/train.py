"""Train a config, after making and checking the data it needs.

Where the config lists stages that come before it, those that are not finished
are trained first, each in a directory of its own below the work_dir.
"""

import argparse

from cli import (
    add_overwrite,
    add_run_options,
    config_parser,
    launched,
    load_run,
    told,
)


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = config_parser(
        __doc__, 'python tools/train.py configs/transferattn_demo.py --resume'
    )
    present = parser.add_mutually_exclusive_group()
    present.add_argument(
        '--resume',
        nargs='?',
        const=True,
        default=False,
        metavar='CHECKPOINT',
        help='go on from a checkpoint, by default the last whole one of the '
        'work_dir',
    )
    add_overwrite(present)
    parser.add_argument(
        '--amp', action='store_true', help='mixed precision (GPU)'
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='do not validate'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the batch size',
    )
    parser.add_argument('--seed', type=int, help='random seed')
    parser.add_argument(
        '--deterministic',
        action='store_true',
        help='deterministic algorithms of cuDNN',
    )
    add_run_options(parser)
    return parser.parse_args()


def merge_args(cfg, args: argparse.Namespace) -> None:
    """Write the options of training into a config."""
    import torch

    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        if not torch.cuda.is_available():
            raise ValueError('--amp needs a GPU: no CUDA device was found.')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.seed is not None:
        cfg.randomness.seed = args.seed
    if args.deterministic:
        cfg.randomness.deterministic = True


def main() -> None:
    """Train."""
    args = parse_args()
    with told(args.debug):
        from mmaction_uda.engine import Wish, open_stages, train

        cfg = load_run(args)
        stages = open_stages(cfg)
        merge_args(cfg, args)
        for stage in stages.values():
            merge_args(stage, args)
        with launched(cfg):
            wish = Wish(args.resume, args.overwrite)
            train(cfg, stages, args.options, wish)


if __name__ == '__main__':
    main()
