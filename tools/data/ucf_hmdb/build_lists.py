"""Lists of UCF-HMDB, from split 1 of UCF101 and of HMDB51."""

import argparse
import os.path as osp
import sys
from collections import Counter
from pathlib import Path
from typing import Dict, List

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _listing import (
    VideoFolder,
    VideoList,
    check_counts,
    read_fields,
    write_lists,
)
from cli import make_parser, told

# Class of UCF101: the class of HMDB51, its training and test videos.
UCF = {
    'RockClimbingIndoor': ('climb', 103, 41),
    'RopeClimbing': ('climb', 85, 34),
    'Fencing': ('fencing', 77, 34),
    'GolfSwing': ('golf', 100, 39),
    'SoccerPenalty': ('kick_ball', 96, 41),
    'PullUps': ('pullup', 72, 28),
    'BoxingPunchingBag': ('punch', 114, 49),
    'BoxingSpeedBag': ('punch', 97, 37),
    'Punch': ('punch', 121, 39),
    'PushUps': ('pushup', 72, 30),
    'Biking': ('ride_bike', 96, 38),
    'HorseRiding': ('ride_horse', 115, 49),
    'Basketball': ('shoot_ball', 99, 35),
    'Archery': ('shoot_bow', 104, 41),
    'WalkingWithDog': ('walk', 87, 36),
}
CLASSES = dict(
    full=list(dict.fromkeys(name for name, _, _ in UCF.values())),
    small=['golf', 'pullup', 'ride_bike', 'ride_horse', 'shoot_ball'],
)
SPLITS = ('train', 'test')
HMDB = dict(train=70, test=30)  # videos of every class
FLAGS = dict(train='1', test='2')
UCF_ARCHIVE = (
    "UCF101's UCF101TrainTestSplits-RecognitionTask.zip, "
    'folder ucfTrainTestlist'
)
HMDB_ARCHIVE = (
    "HMDB51's test_train_splits.rar, folder testTrainMulti_7030_splits"
)


def ucf_labels(folder: str, split: str, classes: List[str]) -> Dict[str, int]:
    """Labels of the videos of one split of UCF101, in official order.

    Args:
        folder (str): ``ucfTrainTestlist``.
        split (str): ``'train'`` or ``'test'``.
        classes (list[str]): The classes; labels are their numbers.
    """
    file = osp.join(folder, f'{split}list01.txt')
    # A line of the training list ends with UCF101's own label.
    names = dict.fromkeys(f[0] for f in read_fields(file, UCF_ARCHIVE))
    found = Counter(osp.dirname(name) for name in names)
    expected = {
        ucf: numbers[SPLITS.index(split)]
        for ucf, (name, *numbers) in UCF.items()
        if name in classes
    }
    check_counts(repr(file), found, expected, f'Take it from {UCF_ARCHIVE}.')
    return {
        name: classes.index(UCF[osp.dirname(name)][0])
        for name in names
        if osp.dirname(name) in expected
    }


def hmdb_labels(folder: str, split: str, classes: List[str]) -> Dict[str, int]:
    """Labels of the videos of one split of HMDB51, class by class.

    Args:
        folder (str): ``testTrainMulti_7030_splits``.
        split (str): ``'train'`` or ``'test'``.
        classes (list[str]): The classes; labels are their numbers.
    """
    flag = FLAGS[split]
    labels = {}
    for label, name in enumerate(classes):
        file = osp.join(folder, f'{name}_test_split1.txt')
        fields = read_fields(file, HMDB_ARCHIVE)
        videos = {f[0]: label for f in fields if f[-1] == flag}
        check_counts(
            f'{file!r}, videos with flag {flag}',
            {name: len(videos)},
            {name: HMDB[split]},
            f'Take it from {HMDB_ARCHIVE}.',
        )
        labels.update(videos)
    return labels


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = make_parser(
        __doc__, 'python tools/data/ucf_hmdb/build_lists.py --variant small'
    )
    parser.add_argument(
        '--variant',
        choices=list(CLASSES),
        default='full',
        help='full: 12 classes; small: 5',
    )
    for option, default in (
        ('--ucf-splits', 'data/ucf101/ucfTrainTestlist'),
        ('--hmdb-splits', 'data/hmdb51/testTrainMulti_7030_splits'),
        ('--ucf-videos', 'data/ucf101/videos'),
        ('--hmdb-videos', 'data/hmdb51/videos'),
    ):
        parser.add_argument(
            option, default=default, help=f'default: {default}'
        )
    parser.add_argument('--out', help='default: data/ucf_hmdb_VARIANT')
    parser.add_argument(
        '--allow-missing',
        action='store_true',
        help='list the videos that are there',
    )
    return parser.parse_args()


def build(args: argparse.Namespace) -> None:
    """Write the lists that a command line asks for."""
    classes = CLASSES[args.variant]
    labels, lists = {}, []
    for split in SPLITS:
        labels[f'ucf_{split}'] = ucf_labels(args.ucf_splits, split, classes)
        labels[f'hmdb_{split}'] = hmdb_labels(args.hmdb_splits, split, classes)
    videos = dict(
        ucf=VideoFolder(args.ucf_videos), hmdb=VideoFolder(args.hmdb_videos)
    )
    for name, part in labels.items():
        counts = Counter(part.values())
        published = {c: counts[label] for label, c in enumerate(classes)}
        lists.append(
            VideoList(name, videos[name.split('_')[0]], part, published)
        )
    out = args.out or f'data/ucf_hmdb_{args.variant}'
    write_lists(out, lists, args.allow_missing)


def main() -> None:
    """Write the four lists."""
    args = parse_args()
    with told(args.debug):
        build(args)


if __name__ == '__main__':
    main()
