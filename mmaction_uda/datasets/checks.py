"""Faults of the data that must be found before any training starts."""

import os.path as osp
from multiprocessing.pool import ThreadPool
from typing import Optional

import numpy as np
from mmaction.datasets import BaseActionDataset


def check_videos(
    dataset: BaseActionDataset, num_classes: int, decode: bool = True
) -> None:
    """Check list, labels and files of a data set of videos.

    Args:
        dataset (BaseActionDataset): E.g. MMAction2's ``VideoDataset``.
        num_classes (int): Labels must lie in ``[0, num_classes)``; -1
            stands for unlabelled.
        decode (bool): Decode the first frame of every video as the
            pipeline would. Defaults to True.

    Raises:
        ValueError: For an empty list, a label out of range or a video that
            cannot be decoded.
        FileNotFoundError: For missing videos.
    """
    ann_file = dataset.ann_file
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    if not infos:
        raise ValueError(
            f'{ann_file!r} is an empty list. Write one line '
            '`path label` per video.'
        )
    for number, info in enumerate(infos, 1):
        if not -1 <= info['label'] < num_classes:
            raise ValueError(
                f'{ann_file!r}, line {number}: label {info["label"]} of '
                f'{info.get("filename")!r} is not in [0, {num_classes}). '
                'Correct the list or model.cls_head.num_classes.'
            )
    files = [i['filename'] for i in infos if 'filename' in i]
    missing = [f for f in files if not osp.exists(f)]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of {len(files)} videos of {ann_file!r} are '
            f'missing, first {missing[:3]}. Put them there, correct '
            'data_prefix, or remove their lines.'
        )
    if decode:
        _check_decoding(dataset, files)


def _check_decoding(dataset: BaseActionDataset, files: list) -> None:
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

    with ThreadPool(4) as pool:
        faults = [f for f in pool.imap(fault, files, chunksize=8) if f]
    if faults:
        raise ValueError(undecodable(faults, len(files), dataset.ann_file))


def undecodable(faults: list, total: int, ann_file: str) -> str:
    """Message that names the videos no decoder can read."""
    listed = '\n  '.join(faults[:20])
    return (
        f'{len(faults)} of {total} videos of {ann_file!r} cannot be '
        f'decoded; re-encode them or remove their lines:\n  {listed}'
    )
