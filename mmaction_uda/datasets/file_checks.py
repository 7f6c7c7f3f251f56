"""Videos of a list that are not there, or cannot be decoded."""

import os.path as osp
from multiprocessing.pool import ThreadPool
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from mmaction.datasets import BaseActionDataset

from ..faults import Faults, gathered, one_line
from ..files import is_there
from .annotations import files_of, video_path
from .containers import check_video, kind_of


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
    files = files_of(dataset)
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

    Of a video of several segments that is the first of the last segment, so
    that its end is looked for, too.

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

    segments = _last_segments(dataset)

    def fault(file: str) -> Optional[str]:
        segment = segments[file]
        results: Dict[str, Any] = dict(
            filename=file,
            modality='RGB',
            start_index=0,
            frame_inds=np.array([segment[0] if segment else 0]),
            **(dict(segment=segment) if segment else {}),
        )
        try:
            if osp.isfile(file):  # not a folder of frames
                check_video(file)
            for transform in transforms:
                results = transform(results)
        except Exception as error:  # decoders raise types of their own
            return f'{file}: {one_line(error)}'
        return None if len(results['imgs']) else f'{file}: no frame'

    files = [*segments]
    with ThreadPool(4) as pool:
        faults = [f for f in pool.imap(fault, files, chunksize=8) if f]
    if faults:
        raise ValueError(unreadable(faults, len(files), dataset.ann_file))


def _last_segments(
    dataset: BaseActionDataset,
) -> Dict[str, Optional[Tuple[int, int]]]:
    """Of every video the segment that ends last, None for all of it."""
    found: Dict[str, Optional[Tuple[int, int]]] = {}
    dataset = getattr(dataset, 'videos', dataset)
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        file, segment = video_path(info), info.get('segment')
        known = found.setdefault(file, segment)
        if known and segment and segment[1] > known[1]:
            found[file] = segment
    return found


def unreadable(faults: List[str], total: int, ann_file: str) -> str:
    """Message that names the videos that cannot be read."""
    listed = '\n  '.join(faults[:20])
    return (
        f'{len(faults)} of {total} videos of {ann_file!r} cannot be '
        f'read; re-encode them or remove their lines:\n  {listed}'
    )
