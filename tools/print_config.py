"""Print a config as training reads it: whole, without what helped to build.

What is printed is a config file itself. With --videos it is written to a file,
as MMAction2's own functions and tools take it: a config that tests a model on
videos.
"""

import argparse
import os.path as osp

from cli import config_name, config_parser, load, new_file, told


def python_file(path: str) -> str:
    """A config that can be written."""
    if not path.endswith('.py'):
        raise argparse.ArgumentTypeError(f'{path!r} must end in .py')
    return new_file(path)


def main() -> None:
    """Print, or write."""
    parser = config_parser(
        __doc__, 'python tools/print_config.py transferattn@i3d_hmdb2ucf'
    )
    parser.add_argument(
        '--videos',
        type=python_file,
        metavar='FILE.py',
        help='write a config that reads videos, where the config reads stored '
        'features, and the names of its classes to FILE.txt',
    )
    parser.add_argument(
        '--work-dir',
        help='where it was trained, for nets of earlier stages '
        '(work_dirs/<config>)',
    )
    args = parser.parse_args()
    with told(args.debug):
        from mmaction_uda.config.checking import check_configs

        cfg = load(args)
        check_configs({'': cfg}, {'': args.options})
        if args.videos:
            write(args, cfg)
        else:
            print(cfg.pretty_text, end='')


def write(args: argparse.Namespace, cfg) -> None:
    """Write what MMAction2 takes, and names of classes if there are."""
    from mmaction_uda.apis import class_names, for_mmaction2
    from mmaction_uda.engine import open_stages

    folder = f'work_dirs/{config_name(args.config)}'
    work_dir = args.work_dir or cfg.get('work_dir') or folder
    cfg.update(work_dir=work_dir, launcher='none')
    open_stages(cfg)
    names = class_names(cfg)
    for_mmaction2(cfg).dump(args.videos)
    print(f'written: {args.videos}')
    if names:
        path = f'{osp.splitext(args.videos)[0]}.txt'
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(f'{name}\n' for name in names)
        print(f'written: {path}')


if __name__ == '__main__':
    main()
