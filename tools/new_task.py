"""Make a task of your own videos: lists, a config, a data sheet.

Source and target are folders with a folder for every class, or lists of
videos; a target may be a folder of nothing but videos, which have no labels.
Classes that both have are kept, a part of the labelled videos is set aside for
the test, the same file twice is left out, and so is what cannot be read.
"""

import argparse
import os
import os.path as osp
import re

from cli import make_parser, told


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/new_task.py --source videos/street --target '
        'videos/drone --name drone',
    )
    parser.add_argument(
        '--source', required=True, help='labelled videos: a folder or a list'
    )
    parser.add_argument(
        '--target', required=True, help='the other videos: a folder or a list'
    )
    parser.add_argument(
        '--name', help='of the task; by default those of the two places'
    )
    parser.add_argument(
        '--backbone',
        default='lite0',
        help='what reads the videos: a layer of configs (lite0)',
    )
    parser.add_argument(
        '--no-target-labels',
        action='store_true',
        help='folders of the target are no classes',
    )
    parser.add_argument(
        '--test-share',
        type=share,
        default=0.3,
        help='of the labelled videos (0.3)',
    )
    parser.add_argument(
        '--groups',
        metavar='REGEX',
        help='finds in the path of a video what must not be split, as its '
        'first bracket',
    )
    parser.add_argument('--seed', type=int, default=0, help='of the split')
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='write anew what this tool has made under the same name',
    )
    return parser.parse_args()


def share(text: str) -> float:
    """A number between 0 and 1."""
    if re.fullmatch(r'0?\.\d*[1-9]\d*', text) is None:
        raise argparse.ArgumentTypeError(f'{text!r} is not between 0 and 1')
    return float(text)


def name_of(args: argparse.Namespace) -> str:
    """What the task is called."""
    if args.name:
        return args.name
    places = (osp.abspath(args.source), osp.abspath(args.target))
    bare = (osp.splitext(osp.basename(place))[0] for place in places)
    words = (re.sub(r'[^a-z0-9]+', '_', name.lower()) for name in bare)
    return '_to_'.join(word.strip('_') for word in words)


def main() -> None:
    """Make the task, say what was found and what comes next."""
    args = parse_args()
    with told(args.debug):
        from mmaction_uda.own_data import (
            NewTask,
            Wanted,
            check_free,
            make_task,
            next_commands,
        )
        from mmaction_uda.own_data.cautions import cautions

        name = name_of(args)
        check_free(name, args.backbone, args.overwrite)
        task: NewTask = make_task(
            Wanted(
                args.source,
                args.target,
                not args.no_target_labels,
                args.test_share,
                args.groups,
                args.seed,
            )
        )
        config = task.write(name, args.backbone, args.overwrite)
        parts = task.parts
        print(f'{len(task.classes)} classes: {", ".join(task.classes)}')
        for part in parts.values():
            print(f'{part.name}: {len(part.videos)} videos')
        for note in [*task.notes, *cautions([*parts.values()], task.classes)]:
            print(note)
        print(f'written: {config}; data/{name}: lists, README.md, videos.png')
        print('next:')
        tools = osp.relpath(osp.dirname(osp.realpath(__file__)), os.getcwd())
        for command in next_commands(task, name, args.backbone, tools):
            print(f'  {command}')


if __name__ == '__main__':
    main()
