"""Which clips of Kinetics belong to the 7 classes."""

import csv
import os.path as osp
from typing import Dict, Iterator, List, Optional

from _listing import VideoFolder

LABELS = {
    'marching': 0,
    'jogging': 1,
    'running on treadmill': 1,
    'high jump': 2,
    'jumping into pool': 2,
    'drinking beer': 3,
    'throwing axe': 4,
    'throwing ball': 4,
    'throwing discus': 4,
    'shot put': 4,
    'javelin throw': 4,
    'shaking hands': 5,
    'hugging': 6,
}
COLUMNS = ('label', 'youtube_id', 'time_start', 'time_end', 'split')
SPLITS = dict(train='train', val='val', validate='val')
Labels = Dict[str, Dict[str, int]]  # by list and name of the clip


def label_of(name: str) -> Optional[int]:
    """Label of a class of Kinetics; None for a class that is not ours."""
    # Kinetics-600 adds remarks such as `hugging (not baby)`.
    return LABELS.get(name.replace('_', ' ').split(' (')[0])


def annotated_labels(files: List[str]) -> Labels:
    """Labels of the clips of annotation files, by their column ``split``.

    Args:
        files (list[str]): Official csv files.
    """
    labels: Labels = dict(kinetics_train={}, kinetics_val={})
    for file in files:
        for row in _rows(file):
            label, split = label_of(row['label']), SPLITS.get(row['split'])
            if label is not None and split:
                start, end = int(row['time_start']), int(row['time_end'])
                clip = f'{row["youtube_id"]}_{start:06d}_{end:06d}'
                labels[f'kinetics_{split}'][clip] = label
    return labels


def _rows(file: str) -> Iterator[Dict[str, str]]:
    if not osp.isfile(file):
        raise ValueError(
            f'{file!r} is not there. Take it from the annotations of Kinetics.'
        )
    with open(file, newline='', encoding='utf-8') as lines:
        rows = csv.DictReader(lines)
        if not {*COLUMNS} <= {*(rows.fieldnames or [])}:
            raise ValueError(
                f'{file!r} has the columns {rows.fieldnames}, expected '
                f'{", ".join(COLUMNS)}.'
            )
        yield from rows


def folder_labels(videos: VideoFolder) -> Labels:
    """Labels of the clips in class folders; those below ``*val`` apart.

    Args:
        videos (VideoFolder): All clips.
    """
    labels: Labels = dict(kinetics_train={}, kinetics_val={})
    for clip, files in videos.files.items():
        *above, name = osp.dirname(files[0]).split(osp.sep)
        label = label_of(name)
        if label is not None:
            split = 'val' if any(f.endswith('val') for f in above) else 'train'
            labels[f'kinetics_{split}'][clip] = label
    return labels
