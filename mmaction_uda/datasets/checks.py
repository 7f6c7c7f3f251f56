"""Faults of the data that must be found before any training starts."""

import os.path as osp
from multiprocessing.pool import ThreadPool
from typing import List, Optional

import numpy as np
from mmaction.datasets import BaseActionDataset


def video_path(info: dict) -> str:
    """The file of a video, or the folder of its frames."""
    return info.get('filename') or info['frame_dir']


def check_list(path: str) -> None:
    """Refuse a list that is not there or empty.

    Raises:
        FileNotFoundError, ValueError: Names the list, and its format.
    """
    try:
        with open(path) as file:
            empty = not file.read().strip()
    except OSError as error:
        raise FileNotFoundError(
            f'The list {path!r} is not there. It holds one line `path label` '
            'per video; docs/datasets.md says how to make it.'
        ) from error
    if empty:  # MMEngine would fail with a message about arrays
        raise ValueError(
            f'{path!r} is an empty list. Write one line '
            '`path label` per video.'
        )


def check_labels(dataset: BaseActionDataset, num_classes: int) -> None:
    """Refuse labels that are no class.

    Args:
        dataset (BaseActionDataset): E.g. MMAction2's ``VideoDataset``.
        num_classes (int): Labels must lie in ``[0, num_classes)``; -1
            stands for unlabelled.

    Raises:
        ValueError: Names list, line, label and video.
    """
    for number in range(len(dataset)):
        info = dataset.get_data_info(number)
        if not -1 <= info['label'] < num_classes:
            raise ValueError(
                f'{dataset.ann_file!r}, line {number + 1}: label '
                f'{info["label"]} of {video_path(info)!r} is not in '
                f'[0, {num_classes}). Correct the list or '
                'model.cls_head.num_classes.'
            )


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
        results = dict(
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
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [video_path(info) for info in infos]
