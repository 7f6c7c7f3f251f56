"""A shard of a feature store in the making."""

import fcntl
import json
import os
import zlib
from contextlib import suppress
from typing import IO, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ...files import parsed, written_aside
from .header import StoreHeader, is_count
from .notes import Entry, ShardNotes
from .sources import Key

Tokens = Union[np.ndarray, str]  # [N, C], or why a video has none


class Written(NamedTuple):
    """A video whose rows are there."""

    entry: Entry
    start: int  # of its rows, in bytes
    width: int


class ShardWriter:
    """A context that makes one shard, going on where a killed one stopped.

    A video's rows are appended to ``.part``, then a line that tells its name,
    their number, width and checksum to ``.part.jsonl``, which begins with the
    digest of the store. :meth:`finish` turns both into the shard. Whenever a
    process is killed, at most the video in hand is lost.

    Args:
        stem (str): As in :class:`Shard`.
        header (StoreHeader): That of the store.

    Raises:
        RuntimeError: On entry, if another process is at the same shard.
    """

    def __init__(self, stem: str, header: StoreHeader) -> None:
        self.stem = stem
        self.header = header
        self.dtype = np.dtype(header.dtype)
        self.width = 0  # C, once it is known
        self.videos: Dict[str, Written] = {}

    def __enter__(self) -> 'ShardWriter':
        self._log = open(f'{self.stem}.part.jsonl', 'a+b')
        try:
            # Not flock: the processes that a data loader forks would inherit
            # it and keep it for a while when this one is killed.
            fcntl.lockf(self._log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            self._log.close()
            raise RuntimeError(
                f'Another process is writing {self.stem}.part. Wait until it '
                'is done, or end it; then start again.'
            ) from error
        except OSError:  # some network file systems have no locks
            pass
        self._rows = open(f'{self.stem}.part', 'a+b')
        self._recover()
        return self

    def __exit__(self, *_) -> None:
        for file in (self._rows, self._log):
            with suppress(OSError):  # of a full disk: it was said
                file.close()

    def append(
        self, name: str, tokens: Tokens, key: Optional[Key] = None
    ) -> None:
        """Add a video; it takes the place of one of the same name.

        Args:
            name (str): Its name.
            tokens (np.ndarray or str): Its tokens ``[N, C]``, or why it has
                none. Tokens that no model could use (of another width,
                without rows, not finite in this dtype) are a fault, too.
            key (Key, optional): What they were made from.
        """
        entry, start, width = Entry(key=key), 0, 0
        if isinstance(tokens, str):
            entry.fault = tokens
        else:
            with np.errstate(over='ignore'):  # said by name, as a fault
                rows = np.ascontiguousarray(tokens, self.dtype)
            entry.fault = self._fault(rows)
        if entry.fault is None:
            start, width = self._rows.seek(0, os.SEEK_END), rows.shape[1]
            entry.frames, entry.crc32 = len(rows), zlib.crc32(rows.data)
            self._write(self._rows, rows.data)
        line = json.dumps(dict(vars(entry), name=name, width=width))
        self._write(self._log, line.encode() + b'\n')
        self._add(name, Written(entry, start, width))

    def finish(self, names: Sequence[str]) -> None:
        """Turn these videos into the shard.

        Args:
            names (Sequence[str]): Names of videos that were appended.
        """
        videos = {name: self.videos[name] for name in names}
        notes = ShardNotes({n: v.entry for n, v in videos.items()})
        notes.finite = notes.seal
        frames = sum(v.entry.frames for v in videos.values())
        header = dict(
            descr=np.lib.format.dtype_to_descr(self.dtype),
            fortran_order=False,
            shape=(frames, self.width),
        )
        with suppress(FileNotFoundError):  # where it is replaced
            os.remove(f'{self.stem}.json')
        with written_aside(f'{self.stem}.npy') as file:
            np.lib.format.write_array_header_1_0(file, header)
            for video in videos.values():
                file.write(self._read(video))
        notes.write(f'{self.stem}.json', self.header)
        for ending in ('part.jsonl', 'part'):
            with suppress(FileNotFoundError):
                os.remove(f'{self.stem}.{ending}')

    def _fault(self, rows: np.ndarray) -> Optional[str]:
        """Why no model could use these rows."""
        if rows.ndim != 2 or not rows.size:
            return f'its tokens have shape {rows.shape}, not [N, C]'
        if self.width not in (0, rows.shape[1]):
            return (
                f'its tokens are {rows.shape[1]} wide, those before '
                f'{self.width}'
            )
        if not np.isfinite(rows).all():
            hint = '; try float32' if self.dtype == np.float16 else ''
            return f'its tokens are not finite as {self.dtype}{hint}'
        return None

    def _add(self, name: str, video: Written) -> None:
        self.width = self.width or video.width
        self.videos[name] = video

    def _read(self, video: Written) -> bytes:
        self._rows.seek(video.start)
        size = video.entry.frames * video.width * self.dtype.itemsize
        return self._rows.read(size)

    def _write(self, file: IO[bytes], data) -> None:
        try:
            file.write(data)
            file.flush()
        except OSError as error:
            raise OSError(
                f'{self.stem}.part cannot be written: {error.strerror}. Make '
                'room, then start again: what is there is kept.'
            ) from error

    def _recover(self) -> None:
        """Keep the longest consistent run of videos, cut off the rest."""
        self._rows.seek(0)
        self._log.seek(0)
        head, *lines = self._log.readlines() or [b'']
        end = size = 0
        if head == _head(self.header):
            end = len(head)
            for line in lines:
                if not self._recovered(line, size):
                    break
                end += len(line)
                size = self._rows.tell()
        self._log.truncate(end)
        self._rows.truncate(size)
        if not end:
            self._write(self._log, _head(self.header))

    def _recovered(self, line: bytes, start: int) -> bool:
        """Add the video of a line, if the line and its rows are whole."""
        found = _parsed(line)
        if found is None:
            return False
        name, width, entry = found
        video = Written(entry, start, width)
        rows = self._read(video)
        size = entry.frames * width * self.dtype.itemsize
        if len(rows) < size or zlib.crc32(rows) != entry.crc32:
            return False
        self._add(name, video)
        return True


def begun(stem: str, header: StoreHeader) -> List[str]:
    """Names of the videos of a shard in the making, as far as it is."""
    try:
        with open(f'{stem}.part.jsonl', 'rb') as log:
            head, *lines = log.readlines() or [b'']
    except FileNotFoundError:
        return []
    if head != _head(header):
        return []
    return [found[0] for found in map(_parsed, lines) if found]


def _head(header: StoreHeader) -> bytes:
    """First line of a log."""
    return json.dumps(dict(store=header.digest)).encode() + b'\n'


def _parsed(line: bytes) -> Optional[Tuple[str, int, Entry]]:
    """Name, width and entry of a line of a log, if it is whole."""
    try:
        found = parsed(line)
        key = found['key'] and Key(*found['key'])
        numbers = found['frames'], found['crc32']
        entry = Entry(*numbers, key, found['fault'])
        whole = line.endswith(b'\n') and all(map(is_count, numbers))
        return (found['name'], found['width'], entry) if whole else None
    except (ValueError, LookupError, TypeError):
        return None
