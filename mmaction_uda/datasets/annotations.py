"""What a list says of its videos, for whatever asks."""

import io
import os.path as osp
import pickle
from typing import Dict, List, NamedTuple, Sequence
from weakref import WeakKeyDictionary

from mmaction.datasets import BaseActionDataset
from mmengine.dataset import BaseDataset


class _Shared(NamedTuple):
    """What is made once of a list that several data sets share."""

    infos: List[dict]
    names: Dict[str, List[str]]  # by the folder that they are named below


# As long as one of these data sets is there.
_SHARED: 'WeakKeyDictionary[BaseDataset, _Shared]' = WeakKeyDictionary()


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


def names_of(videos: BaseDataset, root: str) -> List[str]:
    """Names of the clips of a list, made once for all that share it."""
    kept = _SHARED.get(videos)
    if kept is None:
        return clip_names(infos_of(videos), root)
    if root not in kept.names:
        kept.names[root] = clip_names(kept.infos, root)
    return kept.names[root]


def infos_of(dataset: BaseDataset) -> List[dict]:
    """Annotations of all items, without what is stored of them.

    One by one, MMEngine takes five times as long to find each in its memory,
    where they lie end to end. They are not to be changed: those of a shared
    list are given again.
    """
    if dataset in _SHARED:
        return _SHARED[dataset].infos
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
    _SHARED[dataset] = _Shared(infos_of(dataset), {})


def files_of(dataset: BaseDataset) -> List[str]:
    """Paths of its videos."""
    infos = infos_of(getattr(dataset, 'videos', dataset))
    return [video_path(info) for info in infos]
