"""Lists of ActorShift from lists of one's own; see the README beside."""

import argparse
import sys
from pathlib import Path
from typing import Dict

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _listing import ENDING, VideoFolder, VideoList, read_fields, write_lists
from cli import make_parser, told

# As the paper names them, from memory: to be checked with its page.
CLASSES = (
    *('sleeping', 'watching tv', 'eating', 'drinking', 'swimming'),
    *('running', 'opening a door'),
)
LISTS = ('people_train', 'animal_train', 'animal_test')
PLAIN = {''.join(filter(str.isalpha, name)): name for name in CLASSES}


def label_of(text: str) -> int:
    """A number, or the name of a class, in whatever spelling; -1 for none."""
    if text.isdecimal() and int(text) < len(CLASSES):
        return int(text)
    name = PLAIN.get(''.join(filter(str.isalpha, text.lower())))
    return CLASSES.index(name) if name else -1


def read_labels(file: str, labelled: bool) -> Dict[str, int]:
    """Labels of the videos of a list ``path label``, in its order.

    Args:
        file (str): The list.
        labelled (bool): Whether a line without a label, -1, is a fault.
    """
    labels: Dict[str, int] = {}
    faults = []
    for fields in read_fields(file, "ActorShift's page, or write it"):
        alone = ENDING.search(fields[-1])
        path = ' '.join(fields if alone else fields[:-1])
        label = -1 if alone else label_of(fields[-1])
        if not path or (label < 0 and (labelled or not alone)):
            faults.append(' '.join(fields))
        labels[path] = label
    if faults:
        raise ValueError(
            f'{file!r}: {len(faults)} lines are not `path label`, the number '
            f'or the name of one of {", ".join(CLASSES)}, from 0, first '
            f'{faults[:3]}.'
        )
    return labels


def build(args: argparse.Namespace) -> None:
    """Write the lists that a command line asks for."""
    folders = dict(
        people=VideoFolder(args.people_videos),
        animal=VideoFolder(args.animal_videos),
    )
    lists = []
    for name in LISTS:
        labels = read_labels(getattr(args, name), name != 'animal_train')
        videos = folders[name.split('_')[0]]
        lists.append(VideoList(name, videos, labels, published={}))
    write_lists(args.out, lists, args.allow_missing)


def main() -> None:
    """Write the lists of both domains."""
    parser = make_parser(
        __doc__,
        'python tools/data/actorshift/build_lists.py --people-train a.txt '
        '--animal-train b.txt --animal-test c.txt',
    )
    for name in LISTS:
        parser.add_argument(
            f'--{name.replace("_", "-")}',
            required=True,
            metavar='FILE',
            help='lines `path label`, the number or the name of a class'
            + (', or `path`' if name == 'animal_train' else ''),
        )
    for domain in ('people', 'animal'):
        parser.add_argument(
            f'--{domain}-videos',
            default=f'data/actorshift/{domain}/videos',
            metavar='DIR',
            help='default: %(default)s',
        )
    parser.add_argument('--out', default='data/actorshift')
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='list the videos that are there',
    )
    args = parser.parse_args()
    with told(args.debug):
        build(args)


if __name__ == '__main__':
    main()
