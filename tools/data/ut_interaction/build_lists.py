"""Lists of both sets of UT-Interaction; see the README beside."""

import re
import sys
from pathlib import Path
from typing import Dict

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _listing import VideoFolder, VideoList, check_counts, write_lists
from cli import make_parser, told

CLASSES = ('handshake', 'hug', 'kick', 'point', 'punch', 'push')
NAME = re.compile(r'\d+_(\d+)_([0-5])')  # number, sequence, class
SEQUENCES = 10  # of a set; the second goes on counting
PER_CLASS = {name: 5 for name in CLASSES}


def read_labels(videos: VideoFolder) -> Dict[str, Dict[str, int]]:
    """Labels of the videos of every list, by their names.

    Args:
        videos (VideoFolder): The segmented videos of both sets.
    """
    labels: Dict[str, Dict[str, int]] = {
        f'ut{number}_{split}': {}
        for number in (1, 2)
        for split in ('train', 'test')
    }
    for name in sorted(videos.files):
        match = NAME.fullmatch(name)
        if match:
            sequence, label = map(int, match.groups())
            number = 1 if sequence <= SEQUENCES else 2
            split = 'train' if sequence % 2 else 'test'
            labels[f'ut{number}_{split}'][name] = label
    return labels


def build(root: str, out: str) -> None:
    """Write the lists of both sets."""
    videos = VideoFolder(root)
    labels = read_labels(videos)
    for name, part in labels.items():
        found = [CLASSES[label] for label in part.values()]
        check_counts(
            f'{name}, from {root!r}',
            {label: found.count(label) for label in CLASSES},
            PER_CLASS,
            'Unpack the segmented videos of both sets there.',
        )
    lists = [
        VideoList(name, videos, part, PER_CLASS)
        for name, part in labels.items()
    ]
    write_lists(out, lists, allow_missing=False)


def main() -> None:
    """Write the lists that a command line asks for."""
    parser = make_parser(
        __doc__, 'python tools/data/ut_interaction/build_lists.py'
    )
    parser.add_argument('--videos', default='data/ut_interaction/videos')
    parser.add_argument('--out', default='data/ut_interaction')
    args = parser.parse_args()
    with told(args.debug):
        build(args.videos, args.out)


if __name__ == '__main__':
    main()
