"""Digests of what data sets hold, wherever that lies."""

import hashlib
import json
import os
import os.path as osp
from pathlib import Path
from stat import S_ISDIR
from typing import Any, Dict, List, Optional

from mmaction.registry import DATASETS

from ..datasets.annotations import infos_of, names_of, prefix_of, video_path
from ..files import parsed
from .readings import Reading


def list_content(reading: Reading) -> Dict[str, str]:
    """Digests of a list and of the videos that it names."""
    try:
        config = {**reading.config, 'lazy_init': True}
        dataset = DATASETS.build(config)
        videos = getattr(dataset, 'videos', dataset)
        infos = infos_of(videos)
    except OSError:  # it is not there, and a finished stage needs it no more
        return {}
    files = [video_path(info) for info in infos]
    root = prefix_of(dataset) or osp.commonpath(map(osp.dirname, files)) or '.'
    needed = reading.needed is not None
    rows = [
        [name, needed and int(info['label'])]
        for name, info in zip(names_of(videos, root), infos)
    ]
    found = {f'{reading.place}.ann_file': _digest(rows)}
    sizes = _sizes(files)
    if sizes is not None:
        found[f'{reading.place}.videos'] = _digest(sizes)
    return found


def imported_content(reading: Reading) -> Dict[str, str]:
    """Digest of the checksums of tokens that nothing else identifies."""
    config = {**reading.config, 'lazy_init': True}
    shards = sorted(Path(DATASETS.build(config).path).glob('shard_*.json'))
    sums = [parsed(shard.read_text())['crc32'] for shard in shards]
    return {f'{reading.place}.features': _digest(sums)} if sums else {}


def _sizes(files: List[str]) -> Optional[List[int]]:
    """Bytes of every file, 0 for a folder of frames; None if one is gone."""
    try:
        stats = map(os.stat, files)
        return [0 if S_ISDIR(s.st_mode) else s.st_size for s in stats]
    except OSError:
        return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
