"""Faults of the data that must be found before any training starts."""

import logging
import os.path as osp
from multiprocessing.pool import ThreadPool
from typing import Any, Dict, List, Optional

import numpy as np
from mmaction.datasets import BaseActionDataset
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..faults import Faults
from ..lists import Line


def video_path(info: dict) -> str:
    """The file of a video, or the folder of its frames."""
    return info.get('filename') or info['frame_dir']


def prefix_of(dataset: BaseDataset) -> str:
    """The folder that the paths of a list begin in, '' for none."""
    dataset = getattr(dataset, 'videos', dataset)
    prefix = getattr(dataset, 'data_prefix', {})
    return prefix.get('video') or prefix.get('img') or ''


def annotations(dataset: BaseDataset) -> List[Line]:
    """Name, label and line of every video, of any data set with labels."""
    dataset = getattr(dataset, 'videos', dataset)
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [
        Line(video_path(info), info['label'], number=info.get('line', number))
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


def _doubles(lines: List[Line], file: str) -> List[str]:
    """Refuse one video under two labels; say how many are there twice."""
    first: Dict[str, Line] = {}
    doubles, conflicts = 0, []
    for line in lines:
        other = first.setdefault(line.name, line)
        doubles += other is not line
        if other.label != line.label:
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


def check_files(dataset: BaseActionDataset) -> None:
    """Refuse a list with videos that are not on disk.

    Raises:
        FileNotFoundError: Names the list and the first videos.
    """
    files = _files(dataset)
    missing = [f for f in files if not osp.exists(f)]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of {len(files)} videos of {dataset.ann_file!r} '
            f'are missing, first {missing[:3]}. Put them there, correct '
            'data_prefix, or remove their lines.'
        )


def check_decoding(dataset: BaseActionDataset) -> None:
    """Decode the first frame of every video as the pipeline would.

    Raises:
        ValueError: Names the videos that cannot be decoded.
    """
    transforms = [
        t
        for t in dataset.pipeline.transforms
        if type(t).__name__.endswith(('Init', 'Decode'))
    ]
    if len(transforms) < 2:
        return

    def fault(file: str) -> Optional[str]:
        results: Dict[str, Any] = dict(
            filename=file,
            modality='RGB',
            start_index=0,
            frame_inds=np.array([0]),
        )
        try:
            for transform in transforms:
                results = transform(results)
        except Exception as error:  # decoders raise types of their own
            return f'{file}: {type(error).__name__}'
        return None if len(results['imgs']) else f'{file}: no frame'

    files = _files(dataset)
    with ThreadPool(4) as pool:
        faults = [f for f in pool.imap(fault, files, chunksize=8) if f]
    if faults:
        raise ValueError(unreadable(faults, len(files), dataset.ann_file))


def unreadable(faults: List[str], total: int, ann_file: str) -> str:
    """Message that names the videos that cannot be read."""
    listed = '\n  '.join(faults[:20])
    return (
        f'{len(faults)} of {total} videos of {ann_file!r} cannot be '
        f'read; re-encode them or remove their lines:\n  {listed}'
    )


def _files(dataset: BaseActionDataset) -> List[str]:
    dataset = getattr(dataset, 'videos', dataset)
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [video_path(info) for info in infos]
