"""Tokens of videos, in few memory-mapped files."""

import os.path as osp
from functools import lru_cache
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np

from ...files import is_there, stamp_of
from .leftovers import list_files
from .remembered import verify_changed
from .shard import Shard, read_ahead
from .shards import ShardFolder


def beside(ann_file: str) -> str:
    """Where the stores of a list are by default: ``features/LIST``."""
    folder, name = osp.split(osp.splitext(ann_file)[0])
    return osp.join(folder, 'features', name)


class FeatureStore(ShardFolder):
    """A directory with the tokens ``[N_i, C]`` of videos, found by name.

    ==================  ====================================================
    ``store.json``      what the numbers depend on, and the videos that were
                        asked for, see :class:`StoreHeader`
    ``shard_%05d.npy``  tokens of up to 512 videos, end to end,
                        ``[sum N_i, C]``
    ``shard_%05d.json`` ``names`` of these videos; ``frames``, the ``N_i``;
                        ``crc32`` of the rows of each; ``keys``, SHA-256 of
                        the video and a stamp of its sizes and times;
                        ``faults``, why videos could not be read (they have
                        no rows); ``store``, the digest of the header;
                        ``finite``, that all rows were found finite, see
                        :class:`ShardNotes`. Written last: a shard without
                        it does not exist yet
    ==================  ====================================================

    ``read.json`` spares the next start reading all tokens again, see
    ``remembered.py``; without it they are read.

    Files that end in ``.part``, ``.part.jsonl`` or ``.tmp`` belong to a
    shard in the making, see :class:`ShardWriter`.

    Args:
        path (str): The directory of an existing store.

    Raises:
        FileNotFoundError: If there is no store.
        OSError: If it may not be read.
        ValueError: If its header is damaged.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.names: List[str] = []  # those that are served
        # Why some of them have no tokens, by number.
        self.faults: Dict[int, str] = {}
        self._shards: List[Shard] = []  # of them
        # Where the rows of each are: one look-up for what training reads.
        self._spans: List[Tuple[np.ndarray, int, int]] = []

    @classmethod
    def open(
        cls, path: str, names: Optional[Sequence[str]] = None
    ) -> 'FeatureStore':
        """Open a store to read the tokens of some videos.

        While its files are the same, the same names give the same store: a
        training opens each several times.

        Args:
            path (str): The directory.
            names (Sequence[str], optional): The videos, in the order of
                their numbers; by default all that were asked for.

        Raises:
            FileNotFoundError: If there is no store, or videos are missing.
            ValueError: If shards are damaged, or of another store.
        """
        files = list_files(path, r'(store|shard_\d{5,})\.(json|npy)')
        stamps = (*(stamp_of(osp.join(path, file)) for file in files),)
        wanted = None if names is None else tuple(names)
        if None in stamps:
            return cls._open(path, wanted)
        return _opened(path, stamps, wanted)

    @classmethod
    def _open(
        cls, path: str, names: Optional[Sequence[str]]
    ) -> 'FeatureStore':
        lack = f'The cached features in {path!r} are not complete:'
        made = 'tools/train.py and tools/extract_features.py make them.'
        file = osp.join(path, 'store.json')
        if not is_there(file):
            raise FileNotFoundError(f'{lack} {file} is missing. {made}')
        store = cls(path)
        store.names = [*(store.header.names if names is None else names)]
        places = store.places()
        missing = [name for name in store.names if name not in places]
        if missing:
            raise FileNotFoundError(
                f'{lack} {len(missing)} of {len(store.names)} videos are not '
                f'in it, first {missing[0]!r}. {made}'
            )
        served = [places[name] for name in store.names]
        store._shards = [*{p.shard.stem: p.shard for p in served}.values()]
        store._spans = [place.shard.span(place.row) for place in served]
        store.faults = {
            i: place.entry.fault
            for i, place in enumerate(served)
            if place.entry.fault
        }
        store._check_widths()
        return store

    def __reduce__(self):
        """Pickle an open store by its place, not by its rows."""
        listed = None if self.names == self.header.names else self.names
        return FeatureStore.open, (self.path, listed)

    def __len__(self) -> int:
        """Number of videos that are served."""
        return len(self.names)

    def __getitem__(self, index: int) -> np.ndarray:
        """Tokens ``[N_i, C]`` of a video, a view of the mapped file."""
        rows, start, end = self._spans[index]
        return rows[start:end]

    def read_ahead(self, indices: Iterable[int]) -> None:
        """Let the disk read the tokens of a batch all at once.

        Otherwise it reads each video when its tokens are taken, and rests
        between. Where the files are in memory already, nothing happens.
        """
        for index in indices:
            read_ahead(*self._spans[index])

    def verify(self) -> None:
        """Compare all tokens of an open store with their checksums.

        Raises:
            ValueError: Names the file and the video that is damaged.
        """
        for shard in self._shards:
            shard.verify()

    def verify_changed(self) -> None:
        """The same, but for shards that were read and did not change since.

        Raises:
            ValueError: Names the file and the video that is damaged.
        """
        verify_changed(self.path, self._shards)

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


@lru_cache(maxsize=8)
def _opened(
    path: str, stamps: tuple, names: Optional[Tuple[str, ...]]
) -> FeatureStore:
    return FeatureStore._open(path, names)
