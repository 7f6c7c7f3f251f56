"""Embed the names of the classes by the text tower of a config's backbone.

They are written to the file that the config reads, for a TextClsHead.
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
        from mmaction_uda.engine.texts import make_texts
        from mmaction_uda.zoo import fetch

        cfg = load(args)
        check_configs({'': cfg}, {'': args.options})
        fetch({'': cfg})
        print(make_texts(cfg))


if __name__ == '__main__':
    main()
