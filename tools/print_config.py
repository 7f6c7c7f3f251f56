"""Print a config as training reads it: whole, without what helped to build.

What is printed is a config file itself.
"""

from cli import config_parser, load, told


def main() -> None:
    """Print."""
    parser = config_parser(
        __doc__, 'python tools/print_config.py transferattn@i3d_hmdb2ucf'
    )
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.config.checking import check_configs

        cfg = load(args)
        check_configs({'': cfg}, {'': args.options})
        print(cfg.pretty_text, end='')


if __name__ == '__main__':
    main()
