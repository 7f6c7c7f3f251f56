"""Test a checkpoint, after making and checking the data it needs."""

import argparse

from cli import (
    add_run_options,
    config_parser,
    launched,
    load_run,
    new_file,
    told,
)


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = config_parser(
        __doc__,
        'python tools/test.py configs/transferattn_demo.py '
        'work_dirs/transferattn_demo/epoch_24.pth',
    )
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--dump',
        type=new_file,
        metavar='FILE.pkl',
        help='write the predictions to this file',
    )
    parser.add_argument(
        '--from-videos',
        action='store_true',
        help='test on the videos, where the config reads stored features',
    )
    add_run_options(parser)
    return parser.parse_args()


def main() -> None:
    """Test."""
    args = parse_args()
    with told(args.debug):
        from mmengine.runner import Runner

        from mmaction_uda.apis import on_videos, only_test
        from mmaction_uda.engine import (
            AlarmHook,
            TerminalHook,
            open_stages,
            prepare,
        )

        cfg = load_run(args)
        open_stages(cfg)
        cfg = (on_videos if args.from_videos else only_test)(cfg)
        cfg.load_from = args.checkpoint
        if args.dump:
            evaluators = cfg.test_evaluator
            if isinstance(evaluators, dict):
                evaluators = [evaluators]
            dump = dict(type='DumpResults', out_file_path=args.dump)
            cfg.test_evaluator = [*evaluators, dump]
        with launched(cfg):
            prepare(cfg)
            runner = Runner.from_cfg(cfg)
            for hook in (TerminalHook(), AlarmHook()):
                runner.register_hook(hook)
            runner.test()


if __name__ == '__main__':
    main()
