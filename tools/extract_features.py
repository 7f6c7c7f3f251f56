"""Make and check the data of a config: render, list, extract features."""

import argparse

from mmengine.config import Config, DictAction

import mmaction_uda


def main() -> None:
    """Prepare the data without training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value',
    )
    args = parser.parse_args()
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    mmaction_uda.engine.prepare(cfg)


if __name__ == '__main__':
    main()
