"""Faults of the data that must be found before any training starts."""

import io
import logging
import math
import os.path as osp
import pickle
from collections import defaultdict
from functools import lru_cache
from typing import Dict, Iterator, List, Optional, Sequence, Tuple
from weakref import WeakKeyDictionary

from mmaction.datasets import BaseActionDataset
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..faults import Faults
from ..lists import Line

Segment = Tuple[float, float]  # frames start … stop - 1
# Of lists that several data sets share, as long as one of them is there.
_SHARED: 'WeakKeyDictionary[BaseDataset, List[dict]]' = WeakKeyDictionary()


def video_path(info: dict) -> str:
    """The file of a video, or the folder of its frames."""
    return info.get('filename') or info['frame_dir']


def part_of(info: dict) -> str:
    """Which of the clips of a video it is: behind its name, '' for all."""
    if 'segment' in info:
        return ' {} {}'.format(*info['segment'])
    if 'offset' in info:  # of a folder of frames
        return f' {info["offset"]} {info["total_frames"]}'
    return ''


def prefix_of(dataset: BaseDataset) -> str:
    """The folder that the paths of a list begin in, '' for none."""
    dataset = getattr(dataset, 'videos', dataset)
    prefix = getattr(dataset, 'data_prefix', {})
    return prefix.get('video') or prefix.get('img') or ''


def names_below(paths: Sequence[str], root: str) -> List[str]:
    """Paths without the folder that they begin in, '' for none."""
    if not root:
        return [*map(osp.normpath, paths)]
    begin = osp.join(root, '')  # relpath takes ten times as long
    return [
        osp.normpath(path[len(begin) :].lstrip('/'))
        if path.startswith(begin)
        else osp.relpath(path, root)
        for path in paths
    ]


def clip_names(infos: Sequence[dict], root: str) -> List[str]:
    """Names of clips, wherever they lie: path below ``root``, and part."""
    names = names_below([*map(video_path, infos)], root)
    return [name + part_of(info) for name, info in zip(names, infos)]


@lru_cache(maxsize=8)
def names_of(videos: BaseDataset, root: str) -> List[str]:
    """Names of the clips of a list, made once for all that share it."""
    return clip_names(infos_of(videos), root)


def infos_of(dataset: BaseDataset) -> List[dict]:
    """Annotations of all items, without what is stored of them.

    One by one, MMEngine takes five times as long to find each in its memory,
    where they lie end to end. They are not to be changed: those of a shared
    list are given again.
    """
    if dataset in _SHARED:
        return _SHARED[dataset]
    infos = getattr(dataset, 'infos', None)  # once: it makes them
    if infos is not None:
        return infos
    one = dataset.get_data_info
    host = getattr(one, '__func__', None) is BaseActionDataset.get_data_info
    if not host or not dataset.serialize_data or dataset.multi_class:
        return [one(index) for index in range(len(dataset))]
    dataset.full_init()
    stream = io.BytesIO(dataset.data_bytes)
    added = dict(modality=dataset.modality, start_index=dataset.start_index)
    return [
        {**pickle.load(stream), 'sample_idx': index, **added}
        for index in range(len(dataset))
    ]


def share_infos(dataset: BaseDataset) -> None:
    """Keep the annotations of a list that several data sets share."""
    _SHARED[dataset] = infos_of(dataset)


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


def files_of(dataset: BaseDataset) -> List[str]:
    """Paths of its videos."""
    infos = infos_of(getattr(dataset, 'videos', dataset))
    return [video_path(info) for info in infos]
