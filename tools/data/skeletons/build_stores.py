"""Lists and feature stores of a task, from joints; see the README."""

from __future__ import annotations

import argparse
import os
import os.path as osp
import shutil
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Dict, Iterator, List, Sequence, Tuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _arrays import read_arrays
from _listing import write_lines
from _official import read_jhmdb, read_nwucla, read_utd
from _video import Video
from cli import make_parser, told

FEATURES = 'skeleton'  # configs/_base_/backbones/skeleton.py
OFFICIAL = dict(jhmdb=read_jhmdb, utd=read_utd, nwucla=read_nwucla)


def read_set(
    name: str, path: str, classes: Sequence[str], faults: List[str]
) -> Iterator[Video]:
    """Videos of a data set, from an ``.npz`` file or its official files."""
    if not osp.exists(path):
        raise ValueError(f'{name}={path}: there is no such file or folder.')
    if path.endswith('.npz'):
        return read_arrays(path, classes, faults)
    if name not in OFFICIAL:
        raise ValueError(
            f'{name}={path}: only the official files of '
            f'{", ".join(OFFICIAL)} can be read. Give an .npz file.'
        )
    return OFFICIAL[name](path, classes, faults)


def read_sets(
    sets: Dict[str, str], classes: Sequence[str], faults: List[str]
) -> Dict[str, List[Video]]:
    """Videos by the list that they belong to, ``{set}{view}_{split}``."""
    from mmaction_uda.faults import gathered

    found = defaultdict(list)
    joints: Dict[Tuple[str, ...], str] = {}
    for name, path in sets.items():
        with gathered(faults):
            for video in read_set(name, path, classes, faults):
                found[f'{name}{video.view}_{video.split}'].append(video)
                if video.names:
                    joints[video.names] = path
    if len(joints) > 1:
        faults.append(
            'Domains differ in their joints: '
            + '; '.join(f'{p!r} has {" ".join(n)}' for n, p in joints.items())
            + '. Give the same ones, in the same order.'
        )
    return found


def task_lists(task: str) -> Tuple[Dict[str, str], Sequence[str]]:
    """Files of the lists of a task by their names, and its classes."""
    from mmengine.config import Config

    from mmaction_uda.config.names import pick

    file = pick('tasks', task)
    lists = Config.fromfile(file).get('_lists')
    if not lists:
        raise ValueError(
            f'{file!r} names no _lists. Name them as tasks/jhmdb2utd.py does.'
        )
    videos = {name: found.videos for name, found in lists.items()}
    (classes,) = {tuple(v.metainfo.classes) for v in videos.values()}
    return {name: v.ann_file for name, v in videos.items()}, classes


def check_list(
    name: str, videos: List[Video], classes: Sequence[str], sets: Sequence[str]
) -> None:
    """Refuse a list that lacks a class."""
    counts = Counter(video.label for video in videos)
    missing = [label for label in classes if not counts[label]]
    if missing:
        raise ValueError(
            f'{name} has {len(videos)} videos of {", ".join(sets)}, and none '
            f'of {", ".join(missing)}. Give SET=PATH of complete data.'
        )


def store(
    ann_file: str, videos: List[Video], rows: List[np.ndarray], labels: dict
) -> None:
    """Write a list and its store anew."""
    from mmaction_uda.datasets import FeatureStore
    from mmaction_uda.datasets.features.filling import fill
    from mmaction_uda.datasets.features.store import beside
    from mmaction_uda.faults import Faults

    path = osp.join(beside(ann_file), FEATURES)
    shutil.rmtree(path, ignore_errors=True)
    names = [video.name for video in videos]
    numbers = [labels[video.label] for video in videos]
    made = FeatureStore.make(path, dict(features=FEATURES), names, numbers)
    tokens = dict(zip(names, rows))
    made = fill(
        made, names, lambda part: ((tokens[name], None) for name in part)
    )
    if made.faults:
        raise Faults(*(f'{names[i]}: {x}' for i, x in made.faults.items()))
    os.makedirs(osp.dirname(ann_file), exist_ok=True)
    write_lines(ann_file, [f'{n} {y}' for n, y in zip(names, numbers)])
    print(f'{ann_file}: {len(names)} videos, tokens in {path}')


def build(task: str, sets: Dict[str, str]) -> None:
    """Make all lists and stores of a task, or none where data are wrong."""
    from mmaction_uda.faults import Faults, gathered

    lists, classes = task_lists(task)
    faults: List[str] = []
    found = read_sets(sets, classes, faults)
    rows = defaultdict(list)
    for name in lists:
        for video in found[name]:
            with gathered(faults):
                rows[name].append(video.tokens())
    if not faults:  # else videos are missing anyway
        for name in lists:
            with gathered(faults):
                check_list(name, found[name], classes, [*sets])
    if faults:
        raise Faults(*faults)
    labels = {label: number for number, label in enumerate(classes)}
    for name, ann_file in lists.items():
        store(ann_file, found[name], rows[name], labels)


def data_set(text: str) -> Tuple[str, str]:
    """``SET=PATH`` of a command line."""
    name, sign, path = text.partition('=')
    if not (name and sign and path):
        raise argparse.ArgumentTypeError(f'{text!r}: give SET=PATH')
    return name, path


def main() -> None:
    """Build the lists and stores of a task."""
    parser = make_parser(
        __doc__,
        'python tools/data/skeletons/build_stores.py jhmdb2utd '
        'jhmdb=data/jhmdb utd=data/utd_mhad',
    )
    parser.add_argument('task', help='a file of configs/_base_/tasks')
    parser.add_argument(
        'sets',
        nargs='+',
        type=data_set,
        metavar='SET=PATH',
        help=f'{", ".join(OFFICIAL)}: the folder of the official files; or '
        'any name and an .npz file',
    )
    args = parser.parse_args()
    with told(args.debug):
        build(args.task, dict(args.sets))


if __name__ == '__main__':
    main()
