"""Tokens of all videos of one list, in few memory-mapped files."""

import glob
import os
import os.path as osp
from contextlib import suppress
from typing import Dict, List, Optional, Sequence

import numpy as np

from .header import StoreHeader
from .shard import Shard

SHARD_SIZE = 512  # videos


def beside(ann_file: str) -> str:
    """Where the stores of a list are by default: ``features/LIST``."""
    folder, name = osp.split(osp.splitext(ann_file)[0])
    return osp.join(folder, 'features', name)


class FeatureStore:
    """A directory with the tokens ``[N_i, C]`` of every video of a list.

    ==================  ====================================================
    ``store.json``      what the numbers depend on, and the list, see
                        :class:`StoreHeader`
    ``shard_%05d.npy``  tokens of videos ``512 n ... 512 n + 511``, end to
                        end, ``[sum N_i, C]``
    ``shard_%05d.json`` ``frames``, the ``N_i``; ``crc32`` of the rows of
                        each video; ``faults``, why videos could not be read
                        (they have no rows). Written last: a shard without
                        it does not exist yet
    ==================  ====================================================

    Files that end in ``.part``, ``.part.jsonl`` or ``.tmp`` belong to a
    shard in the making, see :class:`ShardWriter`.

    Args:
        path (str): The directory of an existing store.

    Raises:
        FileNotFoundError: If there is no store.
        ValueError: If its header is damaged.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.header = StoreHeader.read(path)
        size = self.header.shard_size
        self.num_shards = -(-len(self.header.names) // size)
        self._shards: List[Shard] = []

    @classmethod
    def make(
        cls,
        path: str,
        identity: dict,
        names: Sequence[str],
        labels: Sequence[int],
        dtype: str = 'float32',
    ) -> 'FeatureStore':
        """Make a store without shards, or go on with the one that is there.

        Args:
            path (str): The directory.
            identity (dict): What determines the numbers.
            names (Sequence[str]): The videos, in the order of the list.
            labels (Sequence[int]): Their labels; -1 for none.
            dtype (str): Of the tokens on disk. Defaults to ``'float32'``.

        Raises:
            ValueError: If ``path`` holds other features: names what differs.
        """
        new = StoreHeader(
            identity, dtype, SHARD_SIZE, list(names), list(labels)
        )
        if not osp.exists(osp.join(path, 'store.json')):
            if glob.glob(f'{glob.escape(path)}/shard_*'):
                raise ValueError(
                    f'{path!r} holds shards, but no store.json that says '
                    'what of. Delete it and extract again.'
                )
            new.write(path)
            return cls(path)
        store = cls(path)
        store.header.check_names(path, new.names)
        store.header.check_identity(path, dict(new.identity, dtype=dtype))
        if store.header.labels != new.labels:  # no reason to extract again
            store.header.labels = new.labels
            store.header.write(path)
        return store

    @classmethod
    def open(
        cls, path: str, names: Optional[Sequence[str]] = None
    ) -> 'FeatureStore':
        """Open a complete store for reading.

        Args:
            path (str): The directory.
            names (Sequence[str], optional): The videos that the list names.

        Raises:
            FileNotFoundError: If there is no store, or shards are missing.
            ValueError: If shards are damaged, or for another list.
        """
        missing = [osp.join(path, 'store.json')]
        if osp.exists(missing[0]):
            store = cls(path)
            if names is not None:
                store.header.check_names(path, names)
            missing = [f'{store.stem(n)}.json' for n in store.missing_shards()]
        if missing:
            raise FileNotFoundError(
                f'The cached features in {path!r} are not complete: '
                f'{missing[0]} is missing. tools/train.py and '
                'tools/extract_features.py make them.'
            )
        store._shards = [store.shard(n) for n in range(store.num_shards)]
        store._check_widths()
        return store

    def __reduce__(self):
        """Pickle an open store by its place, not by its rows."""
        return FeatureStore.open, (self.path,)

    def __getitem__(self, index: int) -> np.ndarray:
        """Tokens ``[N_i, C]`` of a video, a view of the mapped file."""
        number, index = divmod(index, self.header.shard_size)
        return self._shards[number][index]

    @property
    def faults(self) -> Dict[int, str]:
        """Why videos of an open store have no tokens, by number."""
        return {
            self.shard_range(n)[i]: text
            for n, shard in enumerate(self._shards)
            for i, text in shard.faults.items()
        }

    def verify(self) -> None:
        """Compare all tokens of an open store with their checksums.

        Raises:
            ValueError: Names the file and the video that is damaged.
        """
        for shard in self._shards:
            shard.verify()

    def shard_range(self, number: int) -> range:
        """The videos of a shard."""
        size = self.header.shard_size
        start = number * size
        return range(start, min(start + size, len(self.header.names)))

    def missing_shards(self) -> List[int]:
        """Numbers of the shards that are still to be made."""
        stems = map(self.stem, range(self.num_shards))
        return [n for n, s in enumerate(stems) if not osp.exists(f'{s}.json')]

    def unread(self, number: int, retry: bool) -> List[int]:
        """The videos of a shard that are still to be read.

        Args:
            number (int): The shard.
            retry (bool): Count those that could not be read before.
        """
        videos = self.shard_range(number)
        if not osp.exists(f'{self.stem(number)}.json'):
            return list(videos)
        return [videos[i] for i in self.shard(number).faults if retry]

    def stem(self, number: int) -> str:
        """Path of the files of a shard, without their endings."""
        return osp.join(self.path, f'shard_{number:05d}')

    def shard_names(self, number: int) -> List[str]:
        """Names of the videos of a shard."""
        return [self.header.names[i] for i in self.shard_range(number)]

    def shard(self, number: int) -> Shard:
        """Open one shard that is there."""
        names = self.shard_names(number)
        return Shard(self.stem(number), names, self.header.dtype)

    def clean(self) -> None:
        """Remove what killed processes left behind in a complete store."""
        for file in os.listdir(self.path):
            if file.endswith(('.part', '.part.jsonl', '.tmp')):
                with suppress(FileNotFoundError):
                    os.remove(osp.join(self.path, file))

    def _check_widths(self) -> None:
        widths = {
            f'{s.stem}.npy': s.rows.shape[1]
            for s in self._shards
            if len(s.rows)
        }
        if len(set(widths.values())) > 1:
            raise ValueError(
                f'These shards differ in width: {widths}. Delete the wrong '
                'ones (.npy and .json) and extract again.'
            )
