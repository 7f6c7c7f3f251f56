"""Test a checkpoint, after making and checking the data it needs."""

import argparse

from mmengine.runner import Runner
from train import add_common_options, launched, load_config

from mmaction_uda.apis import on_videos, only_test
from mmaction_uda.engine import open_stages, prepare


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--dump', metavar='FILE.pkl', help='write the predictions to this file'
    )
    parser.add_argument(
        '--from-videos',
        action='store_true',
        help='test on the videos, where the config reads stored features',
    )
    return add_common_options(parser).parse_args()


def main() -> None:
    """Test."""
    args = parse_args()
    cfg = load_config(args)
    open_stages(cfg)
    cfg = (on_videos if args.from_videos else only_test)(cfg)
    cfg.load_from = args.checkpoint
    if args.dump:
        evaluators = cfg.test_evaluator
        if isinstance(evaluators, dict):
            evaluators = [evaluators]
        cfg.test_evaluator = [
            *evaluators,
            dict(type='DumpResults', out_file_path=args.dump),
        ]
    with launched(cfg):
        prepare(cfg)
        Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    main()
