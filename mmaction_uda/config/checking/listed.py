"""Lists of videos, told beside faults of settings."""

import os.path as osp
from typing import Any, List, Mapping

from mmaction.datasets import VideoDataset
from mmaction.registry import DATASETS

from ...faults import gathered
from ...lists import read_list
from .reading import dicts
from .registries import find


def list_faults(cfg: Mapping) -> List[str]:
    """What is wrong with the lines of lists that are there.

    Of a config that may have any fault, so nothing is built; labels are
    compared with classes when its settings are right.

    Args:
        cfg (dict): A config as our tools read it.
    """
    faults: List[str] = []
    # What a pair shares is named once, so one without a type is one of videos.
    for _, node in dicts('', cfg):
        kind, file = find(DATASETS, node.get('type')), node.get('ann_file')
        other = kind is not None and not _reads_videos(kind)
        if not other and isinstance(file, str) and osp.isfile(file):
            with gathered(faults):
                read_list(file)
    return list(dict.fromkeys(faults))


def _reads_videos(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, VideoDataset)
