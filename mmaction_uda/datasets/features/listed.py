"""Lists of videos that are read once."""

import os
import os.path as osp
from functools import lru_cache

from mmaction.datasets import BaseActionDataset, RawframeDataset, VideoDataset
from mmaction.registry import DATASETS

from ...files import Keyed
from ...garbage import no_collection
from ..annotations import share_infos


@lru_cache(maxsize=8)
@no_collection()
def _loaded(listed: Keyed) -> BaseActionDataset:
    listed.value.full_init()
    share_infos(listed.value)
    return listed.value


def videos_of(config: dict) -> BaseActionDataset:
    """The videos of a list; data sets of the same one share them.

    A training opens each for its checks, to train, and to validate.

    Args:
        config (dict): That of a data set of videos.
    """
    videos = DATASETS.build({**config, 'lazy_init': True})
    file = videos.ann_file
    if type(videos) in (VideoDataset, RawframeDataset) and osp.isfile(file):
        stat = os.stat(file)
        when = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
        key = str(config), osp.abspath(file), *when
        return _loaded(Keyed(key, videos))
    videos.full_init()
    return videos
