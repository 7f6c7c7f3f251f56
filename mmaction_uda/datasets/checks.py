"""Faults of the data that must be found before any training starts."""

import logging
import os.path as osp
from multiprocessing.pool import ThreadPool
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from mmaction.datasets import BaseActionDataset
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..faults import Faults, gathered, one_line
from ..files import is_there
from ..lists import Line
from .video_file import check_video, kind_of


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

    Raises:
        ValueError: Names both lists and the first videos.
    """
    files = set(_files(tested))
    for dataset in learnt:
        both = [file for file in _files(dataset) if file in files]
        if both:
            raise ValueError(
                f'{len(both)} of {len(files)} videos of {tested.ann_file!r} '
                f'are in {dataset.ann_file!r}, whose labels are learnt, '
                f'first {both[:3]}. Remove them from one of the lists, or '
                'say that it is meant: --cfg-options allow_overlap=True'
            )


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


def check_files(
    dataset: BaseActionDataset, needed: Optional[Sequence[str]] = None
) -> None:
    """Refuse a list with videos that are not on disk, or are no files.

    Args:
        dataset (BaseActionDataset): The list.
        needed (Sequence[str], optional): Paths of some of its videos; by
            default all.

    Raises:
        Faults: Names the list and the first videos.
    """
    files = _files(dataset)
    unseen: List[str] = []
    present: Dict[str, bool] = {}
    for file in files if needed is None else needed:
        with gathered(unseen):
            present[file] = is_there(file)
    faults = unseen[:3]
    if len(unseen) > 3:
        faults.append(
            f'Nor can {len(unseen) - 3} more of {dataset.ann_file!r}.'
        )
    missing = [f for f in present if not present[f]]
    if missing:
        faults.append(
            f'{len(missing)} of {len(files)} videos of {dataset.ann_file!r} '
            f'are missing, first {missing[:3]}. Put them there, correct '
            'data_prefix, or remove their lines.'
        )
    kinds = {f: kind_of(f) for f in present if present[f]}
    others = [
        f'{file}: {kind}'
        for file, kind in kinds.items()
        if kind not in (None, 'folder')  # which may be one of frames
    ]
    if others:
        faults.append(
            f'{len(others)} of {len(files)} videos of {dataset.ann_file!r} '
            f'are no files, first {", ".join(others[:3])}. Put videos there, '
            'or remove their lines.'
        )
    if faults:
        raise Faults(*faults)


def check_decoding(dataset: BaseActionDataset) -> None:
    """Decode the first frame of every video as the pipeline would.

    Raises:
        ValueError: Names the videos that cannot be decoded.
    """
    transforms = [
        t
        for part in dataset.pipeline.transforms
        for t in getattr(part, 'transforms', [part])  # of InPieces
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
            if osp.isfile(file):  # not a folder of frames
                check_video(file)
            for transform in transforms:
                results = transform(results)
        except Exception as error:  # decoders raise types of their own
            return f'{file}: {one_line(error)}'
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


def _files(dataset: BaseDataset) -> List[str]:
    dataset = getattr(dataset, 'videos', dataset)
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [video_path(info) for info in infos]
