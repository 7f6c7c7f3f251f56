"""Test a checkpoint, after making and checking the data it needs."""

import argparse

from mmengine.runner import Runner
from train import add_common_options, load_config, prepare_once

import mmaction_uda  # noqa: F401 fills the registries


def parse_args() -> argparse.Namespace:
    """Options as in MMAction2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--dump', metavar='FILE.pkl', help='write the predictions to this file'
    )
    return add_common_options(parser).parse_args()


def main() -> None:
    """Test."""
    args = parse_args()
    cfg = load_config(args)
    cfg.load_from = args.checkpoint
    if args.dump:
        evaluators = cfg.test_evaluator
        if isinstance(evaluators, dict):
            evaluators = [evaluators]
        cfg.test_evaluator = [
            *evaluators,
            dict(type='DumpResults', out_file_path=args.dump),
        ]
    prepare_once(cfg)
    Runner.from_cfg(cfg).test()


if __name__ == '__main__':
    main()
