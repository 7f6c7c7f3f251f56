"""Faults of the data that must be found before any training starts."""

import logging
import math
from collections import defaultdict
from typing import Dict, Iterator, List, Optional, Tuple

from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..faults import Faults
from ..lists import Line
from .annotations import infos_of, part_of, video_path

Segment = Tuple[float, float]  # frames start … stop - 1


def annotations(dataset: BaseDataset) -> List[Line]:
    """Name, label and line of every video, of any data set with labels."""
    infos = infos_of(getattr(dataset, 'videos', dataset))
    return [
        Line(
            video_path(info) + part_of(info),
            info['label'],
            number=info.get('line', number),
            segment=info.get('segment'),
        )
        for number, info in enumerate(infos, 1)
    ]


def check_classes(dataset: BaseDataset, num_classes: int) -> None:
    """Refuse names of classes that are not as many as the classifier's.

    Raises:
        ValueError: Names the list and both numbers.
    """
    names = dataset.metainfo.get('classes')
    if names is not None and len(names) != num_classes:
        raise ValueError(
            f'{dataset.ann_file!r}: metainfo.classes has {len(names)} names, '
            f'model.cls_head.num_classes is {num_classes}. Give as many '
            'names as classes.'
        )


def check_labels(
    dataset: BaseDataset, num_classes: int, needed: Optional[str] = None
) -> None:
    """Refuse labels that are no class, or that a video lacks or has twice.

    Args:
        dataset (BaseDataset): E.g. MMAction2's ``VideoDataset``.
        num_classes (int): Labels must lie in ``[0, num_classes)``; -1
            stands for unlabelled.
        needed (str, optional): What reads the labels, and what to do without
            it; None where nothing does.

    Raises:
        Faults: Names list, lines, labels and videos.
    """
    lines, file = annotations(dataset), dataset.ann_file
    faults = []
    wrong = [x for x in lines if not -1 <= x.label < num_classes]
    if wrong:
        faults.append(
            f'{file!r}, {_shown(wrong)}: {len(wrong)} labels are not in '
            f'[0, {num_classes}). Correct the list or '
            'model.cls_head.num_classes.'
        )
    missing = [x for x in lines if x.label == -1]
    if missing and needed is not None:
        faults.append(
            f'{file!r}, {_shown(missing)}: {len(missing)} of {len(lines)} '
            f'videos have no label, which {needed}.'
        )
    faults += _doubles(lines, file)
    if faults:
        raise Faults(*faults)
    absent = sorted(set(range(num_classes)) - {x.label for x in lines})
    if absent and needed is not None:
        names = dataset.metainfo.get('classes') or range(num_classes)
        print_log(
            f'{file!r} has no video of {len(absent)} of {num_classes} '
            f'classes: {", ".join(str(names[i]) for i in absent[:5])}'
            f'{", …" if len(absent) > 5 else ""}.',
            'current',
            logging.WARNING,
        )


def check_overlap(learnt: List[BaseDataset], tested: BaseDataset) -> None:
    """Refuse to test on videos whose labels are learnt.

    Two segments of one video are the same if they share a frame.

    Raises:
        ValueError: Names both lists and the first videos.
    """
    files: Dict[str, List[Segment]] = defaultdict(list)
    for file, segment in _segments_of(tested):
        files[file].append(segment)
    for dataset in learnt:
        both = [
            file
            for file, (start, stop) in _segments_of(dataset)
            if any(a < stop and start < b for a, b in files.get(file, ()))
        ]
        if both:
            raise ValueError(
                f'{len(both)} of {len(files)} videos of {tested.ann_file!r} '
                f'are in {dataset.ann_file!r}, whose labels are learnt, '
                f'first {both[:3]}. Remove them from one of the lists, or '
                'say that it is meant: --cfg-options allow_overlap=True'
            )


def _doubles(lines: List[Line], file: str) -> List[str]:
    """Refuse one video under two labels; say how many are there twice.

    Within one time of a long video two actions may go on.
    """
    first: Dict[str, Line] = {}
    doubles, conflicts = 0, []
    for line in lines:
        other = first.setdefault(line.name, line)
        doubles += other is not line
        if other.label != line.label and line.segment is None:
            conflicts.append((other, line))
    if conflicts:
        a, b = conflicts[0]
        return [
            f'{file!r}, lines {a.number} and {b.number}: {a.name!r} has the '
            f'labels {a.label} and {b.label}; {len(conflicts)} lines '
            'contradict an earlier one. Remove the wrong ones.'
        ]
    if doubles:
        print_log(
            f'{file!r}: {doubles} of {len(lines)} lines name a video again.',
            'current',
            logging.WARNING,
        )
    return []


def _shown(lines: List[Line]) -> str:
    """The first of some lines."""
    parts = [f'line {x.number}: {x.label} of {x.name!r}' for x in lines[:3]]
    return ', '.join(parts) + (', …' if len(lines) > 3 else '')


def _segments_of(dataset: BaseDataset) -> Iterator[Tuple[str, Segment]]:
    """Paths of its videos, and which frames of them are read."""
    for info in infos_of(getattr(dataset, 'videos', dataset)):
        yield video_path(info), info.get('segment', (0, math.inf))
