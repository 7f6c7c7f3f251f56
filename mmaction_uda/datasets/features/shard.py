"""A finished shard of a feature store."""

import mmap
import zlib
from contextlib import suppress
from itertools import accumulate
from typing import Callable, Dict, Tuple

import numpy as np

from ...files import stamp_of, unreadable
from .header import StoreHeader
from .notes import Entry, ForeignShard, ShardNotes


class Shard:
    """Tokens of some videos, memory-mapped.

    Args:
        stem (str): Path of its two files, without ``.npy`` and ``.json``.
        number (int): Its number.
        header (StoreHeader): That of its store.

    Raises:
        OSError: For files that may not be read.
        ValueError: For damaged files, such as hold other numbers of rows or
            videos, or come from another store; names the file.
    """

    def __init__(self, stem: str, number: int, header: StoreHeader) -> None:
        self.stem = stem
        self.header = header
        self._notes: ShardNotes = _load(
            stem, 'json', lambda file: ShardNotes.read(file, header, number)
        )
        # None while it is new; of the file that is mapped, or of one before.
        self.stamp = stamp_of(f'{stem}.npy')
        # As a plain array: each slice of a np.memmap would cost a look-up.
        self.rows = _load(stem, 'npy', _mapped).view(np.ndarray)
        counts = [entry.frames for entry in self.videos.values()]
        self._ends = [*accumulate(counts, initial=0)]
        wanted = self._ends[-1], header.dtype, True
        found = (
            len(self.rows) if self.rows.ndim == 2 else None,
            str(self.rows.dtype),
            self.rows.flags.c_contiguous,
        )
        if found != wanted:
            raise _damaged(
                stem,
                'npy',
                f'holds rows {self.rows.shape} ({found[1]}), expected '
                f'{wanted[0]} rows ({header.dtype}) of {len(counts)} videos',
            )

    @property
    def videos(self) -> Dict[str, Entry]:
        """What is known of its videos, by name, in their order."""
        return self._notes.videos

    @property
    def seal(self) -> int:
        """Checksum of the checksums of its videos."""
        return self._notes.seal

    @property
    def is_finite(self) -> bool:
        """Whether all rows are known to be finite."""
        return self._notes.finite == self._notes.seal

    def __getitem__(self, index: int) -> np.ndarray:
        """Tokens ``[N, C]`` of a video, a view of the mapped file."""
        rows, start, end = self.span(index)
        return rows[start:end]

    def span(self, index: int) -> Tuple[np.ndarray, int, int]:
        """All rows, and between which of them those of a video lie."""
        return self.rows, self._ends[index], self._ends[index + 1]

    def verify(self) -> None:
        """Compare the tokens of every video with their checksum.

        Rows that nobody has looked at yet must be finite, too; the shard
        says so from then on, if it can be written.

        Raises:
            ValueError: Names the file and the video.
        """
        finite = self.is_finite
        for index, (name, entry) in enumerate(self.videos.items()):
            rows = self[index]
            if zlib.crc32(rows.data) != entry.crc32:
                what = f'is damaged: other bytes than written for {name!r}'
                raise _damaged(self.stem, 'npy', what)
            if not (finite or np.isfinite(rows).all()):
                what = f'holds NaN or infinity for {name!r}'
                raise _damaged(self.stem, 'npy', what)
        if not finite:
            self._notes.finite = self._notes.seal
            self.write_notes()

    def name_videos(self) -> None:
        """Write the names of its videos, where an older version did not."""
        if not self._notes.named:
            self._notes.write(f'{self.stem}.json', self.header)

    def write_notes(self) -> None:
        """Keep what was found out; on a read-only disk it is found again."""
        with suppress(OSError):
            self._notes.write(f'{self.stem}.json', self.header)


def width_of(stem: str) -> int:
    """Width of the tokens of a shard, 0 if it has none.

    Raises: As :class:`Shard`.
    """
    rows = _load(stem, 'npy', _mapped)
    return rows.shape[1] if rows.ndim == 2 and len(rows) else 0


def read_ahead(rows: np.ndarray, start: int, end: int) -> None:
    """Let the system read some rows of a shard, without waiting for them."""
    mapped = rows.base
    assert isinstance(mapped, np.memmap)
    file: object = mapped.base
    assert isinstance(file, mmap.mmap)
    width = rows.strides[0]
    begin = mapped.offset + start * width
    page = begin - begin % mmap.PAGESIZE
    size = begin - page + (end - start) * width
    if end > start:
        file.madvise(mmap.MADV_WILLNEED, page, size)


def _load(stem: str, ending: str, load: Callable):
    file = f'{stem}.{ending}'
    try:
        return load(file)
    except ForeignShard as error:
        what = f'is a shard of another store: {error}'
        raise _damaged(stem, ending, what) from error
    except PermissionError as error:
        raise unreadable(file, error) from error
    except Exception as error:  # damage takes parsers anywhere
        what = f'is damaged: {type(error).__name__}: {error}'
        raise _damaged(stem, ending, what) from error


def _damaged(stem: str, ending: str, what: str) -> ValueError:
    return ValueError(
        f'{stem}.{ending} {what}. Delete the shard ({stem}.npy and .json) '
        'and extract again.'
    )


def _mapped(file: str) -> np.ndarray:
    return np.load(file, mmap_mode='r', allow_pickle=False)
