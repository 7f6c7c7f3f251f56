"""Lists of Kinetics -> NEC-Drone, 7 classes; see the README beside."""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Dict

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _kinetics import Labels, annotated_labels, folder_labels
from _listing import (
    VideoFolder,
    VideoList,
    check_counts,
    plain_name,
    read_fields,
    write_lists,
)
from cli import make_parser, told

# Our classes: how NEC-Drone codes them, in the order of the labels.
ACTIONS = {
    'walking': 'A0001',
    'running': 'A0002',
    'jumping': 'A0003',
    'drinking': 'A0008',
    'throwing': 'A0009',
    'shaking_hands': 'B0001',
    'hugging': 'B0003',
}
CODES = list(ACTIONS.values())
NAME = re.compile(r'NEC-Phantom-\d{3}-([AB]\d{4})-((?:P\d{4})+)-V\d{4}')
ACTORS = dict(nec_train={*range(1, 11), *range(17, 20)}, nec_test={11, 12, 13})
PUBLISHED = {
    name: dict(zip(ACTIONS, counts))
    for name, counts in dict(
        nec_train=(72, 68, 70, 65, 51, 53, 56),
        nec_test=(64, 26, 26, 23, 36, 27, 26),
        kinetics_train=(987, 540, 1763, 409, 3653, 481, 355),
        kinetics_val=(99, 191, 195, 95, 489, 97, 97),
    ).items()
}


def nec_labels(videos: VideoFolder) -> Labels:
    """Labels of NEC-Drone's videos by their names; says what is left out.

    Args:
        videos (VideoFolder): All videos.
    """
    labels: Labels = {name: {} for name in ACTORS}
    left_out: Counter[str] = Counter()
    for video in sorted(videos.files):
        parts = NAME.fullmatch(video)
        code, people = parts.groups() if parts else ('', '')
        actors = {int(n) for n in re.findall(r'\d+', people)}
        # Two people may act; both belong to the same split.
        lists = [name for name, known in ACTORS.items() if actors <= known]
        if not parts:
            left_out['of other names'] += 1
        elif code not in CODES:
            left_out['of other actions'] += 1
        elif not lists:
            left_out['of other actors'] += 1
        else:
            labels[lists[0]][video] = CODES.index(code)
    for reason, number in sorted(left_out.items()):
        print(f'NEC-Drone: {number} videos {reason} are left out.')
    return labels


def check_nec(labels: Labels, source: str) -> None:
    """Compare the number of videos with those published.

    Args:
        labels (dict): By list and name.
        source (str): Where they come from.
    """
    for name, part in labels.items():
        counts = Counter(part.values())
        check_counts(
            f'{name}, from {source}',
            {c: counts[label] for label, c in enumerate(ACTIONS)},
            PUBLISHED[name],
            'Give --nec-list for the published selection, or --allow-missing '
            'for all videos that are there.',
        )


def published_labels(lists: Dict[str, str]) -> Labels:
    """Labels of the videos of published lists.

    Args:
        lists (dict): Files with lines ``folder frames label``, by the names
            of our lists.
    """
    labels: Labels = {}
    for name, file in lists.items():
        labels[name] = {}
        for fields in read_fields(file, "the code of the paper's authors"):
            if len(fields) != 3 or fields[2] not in list('0123456'):
                raise ValueError(
                    f'{file!r}: {" ".join(fields)!r} is not '
                    '`folder frames label` with a label from 0 to 6.'
                )
            labels[name][plain_name(fields[0])] = int(fields[2])
    return labels


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = make_parser(
        __doc__,
        'python tools/data/kinetics_necdrone/build_lists.py --nec-videos '
        'data/nec_drone/videos --kinetics-videos data/k400/videos',
    )
    parser.add_argument('--nec-videos', required=True)
    parser.add_argument(
        '--nec-list',
        nargs=2,
        metavar=('TRAIN', 'TEST'),
        help='published lists, in place of all videos of the classes',
    )
    parser.add_argument('--kinetics-videos', required=True)
    kinetics = parser.add_mutually_exclusive_group()
    kinetics.add_argument(
        '--kinetics-annotations',
        nargs='+',
        metavar='CSV',
        help='official annotations, in place of class folders',
    )
    kinetics.add_argument(
        '--kinetics-list',
        nargs='+',
        metavar='FILE',
        help='published list of training and, if wanted, of validation',
    )
    parser.add_argument('--out', default='data/kinetics_necdrone')
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='list the videos that are there, whatever their number',
    )
    args = parser.parse_args()
    if len(args.kinetics_list or []) > 2:
        parser.error('--kinetics-list takes one or two files')
    return args


def kinetics_labels(args: argparse.Namespace, videos: VideoFolder) -> Labels:
    """Labels of Kinetics' clips; a list without clips is left out."""
    if args.kinetics_list:
        names = ('kinetics_train', 'kinetics_val')
        return published_labels(dict(zip(names, args.kinetics_list)))
    print(
        'Kinetics: all clips of the classes. The published selection follows '
        'no public rule; only --kinetics-list rebuilds it.'
    )
    if args.kinetics_annotations:
        labels = annotated_labels(args.kinetics_annotations)
    else:
        labels = folder_labels(videos)
    if not labels['kinetics_train']:
        place = args.kinetics_annotations or args.kinetics_videos
        raise ValueError(f'No training clip of our classes, from {place}.')
    return {name: part for name, part in labels.items() if part}


def build(args: argparse.Namespace) -> None:
    """Write the lists that a command line asks for."""
    nec = VideoFolder(args.nec_videos)
    kinetics = VideoFolder(args.kinetics_videos)
    if args.nec_list:
        labels = published_labels(dict(zip(ACTORS, args.nec_list)))
    else:
        labels = nec_labels(nec)
    if not args.allow_missing:
        check_nec(labels, args.nec_list or args.nec_videos)
    labels.update(kinetics_labels(args, kinetics))
    lists = [
        VideoList(
            name, nec if name in ACTORS else kinetics, part, PUBLISHED[name]
        )
        for name, part in labels.items()
    ]
    write_lists(args.out, lists, args.allow_missing)


def main() -> None:
    """Write the lists of both domains."""
    args = parse_args()
    with told(args.debug):
        build(args)


if __name__ == '__main__':
    main()
