"""Train a config, after making and checking the data it needs.

Where the config lists stages that come before it, those that are not finished
are trained first, each in a directory of its own below the work_dir.
"""

import argparse

from cli import add_run_options, config_parser, launched, load_run, told


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = config_parser(
        __doc__, 'python tools/train.py configs/transferattn_demo.py --resume'
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='resume from a checkpoint, by default the last in work_dir',
    )
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
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
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
        from mmaction_uda.engine import open_stages, train

        cfg = load_run(args)
        stages = open_stages(cfg)
        merge_args(cfg, args)
        args.resume = args.resume and 'auto'  # a checkpoint is that of cfg
        for stage in stages.values():
            merge_args(stage, args)
        with launched(cfg):
            train(cfg, stages, args.options)


if __name__ == '__main__':
    main()
