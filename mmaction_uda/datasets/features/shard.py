"""A finished shard of a feature store."""

import json
import zlib
from functools import partial
from typing import Callable, Dict, Sequence

import numpy as np


class Shard:
    """Tokens of some consecutive videos of a list, memory-mapped.

    Args:
        stem (str): Path of its two files, without ``.npy`` and ``.json``.
        names (Sequence[str]): Its videos.
        dtype (str): Of the tokens.

    Raises:
        ValueError: For damaged files, or such as hold other numbers of rows
            or videos; names the file.
    """

    def __init__(self, stem: str, names: Sequence[str], dtype: str) -> None:
        self.stem = stem
        self.names = names
        meta = self._load('json', _read_meta)
        self.faults: Dict[int, str] = meta['faults']
        self._crc32 = meta['crc32']
        load = partial(np.load, mmap_mode='r', allow_pickle=False)
        # As a plain array: each slice of a np.memmap would cost a look-up.
        self.rows = self._load('npy', load).view(np.ndarray)
        self._ends = np.cumsum([0, *meta['frames']]).tolist()
        wanted = self._ends[-1], len(names), len(names), dtype, True
        found = (
            len(self.rows) if self.rows.ndim == 2 else None,
            len(meta['frames']),
            len(self._crc32),
            self.rows.dtype.name,
            self.rows.flags.c_contiguous,
        )
        if found != wanted:
            raise self._damaged(
                'npy',
                f'holds rows {self.rows.shape} ({found[3]}) of {found[1]} '
                f'videos, expected {wanted[0]} rows ({dtype}) of '
                f'{wanted[1]} videos',
            )

    def __len__(self) -> int:
        """Number of videos."""
        return len(self.names)

    def __getitem__(self, index: int) -> np.ndarray:
        """Tokens ``[N, C]`` of a video, a view of the mapped file."""
        return self.rows[self._ends[index] : self._ends[index + 1]]

    def verify(self) -> None:
        """Compare the tokens of every video with their checksum.

        Raises:
            ValueError: Names the file and the video.
        """
        for index, name in enumerate(self.names):
            if zlib.crc32(self[index].data) != self._crc32[index]:
                what = f'is damaged: other bytes than written for {name!r}'
                raise self._damaged('npy', what)

    def _load(self, ending: str, load: Callable):
        try:
            return load(f'{self.stem}.{ending}')
        except Exception as error:  # damage takes parsers anywhere
            what = f'is damaged: {type(error).__name__}: {error}'
            raise self._damaged(ending, what) from error

    def _damaged(self, ending: str, what: str) -> ValueError:
        return ValueError(
            f'{self.stem}.{ending} {what}. Delete the shard ({self.stem}.npy '
            'and .json) and extract again.'
        )


def _read_meta(file: str) -> dict:
    with open(file) as lines:
        meta = json.load(lines)
    faults = {int(index): text for index, text in meta['faults'].items()}
    return dict(frames=meta['frames'], crc32=meta['crc32'], faults=faults)
