"""Embed the names of the classes by the text tower of a config's backbone.

They are written to the file that the config, or a stage of it, reads for a
TextClsHead; its name is printed.
"""

import argparse

from cli import config_parser, load, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__, 'python tools/embed_texts.py clip_zero_shot_demo'
    )
    return parser.parse_args()


def main() -> None:
    """Embed them."""
    args = parse_args()
    with told(args.debug):
        from mmaction_uda.config.checking import check_configs
        from mmaction_uda.engine import open_stages
        from mmaction_uda.engine.texts import make_texts
        from mmaction_uda.zoo import fetch

        cfg = load(args)
        cfg.work_dir, cfg.launcher = 'work_dirs', 'none'
        configs = {f'stages.{n}': c for n, c in open_stages(cfg).items()}
        configs[''] = cfg
        check_configs(configs, {'': args.options})
        fetch(configs)
        print(*make_texts([*configs.values()]), sep='\n')


if __name__ == '__main__':
    main()
