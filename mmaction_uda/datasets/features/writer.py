"""A shard of a feature store in the making."""

import fcntl
import json
import os
import shutil
import zlib
from contextlib import suppress
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from ...files import written_aside


class ShardWriter:
    """A context that makes one shard, going on where a killed one stopped.

    A video's rows are appended to ``.part``, then a line that tells their
    number, width and checksum to ``.part.jsonl``. :meth:`finish` turns both
    into the shard. Whenever a process is killed, at most the video in hand
    is lost.

    Args:
        stem (str): As in :class:`Shard`.
        names (Sequence[str]): The videos.
        dtype (str): What tokens are cast to.

    Raises:
        RuntimeError: On entry, if another process is at the same shard.
    """

    def __init__(self, stem: str, names: Sequence[str], dtype: str) -> None:
        self.stem = stem
        self.names = names
        self.dtype = np.dtype(dtype)
        self._entries: List[dict] = []

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
        self._rows.close()
        self._log.close()

    def __len__(self) -> int:
        """Number of videos that are there."""
        return len(self._entries)

    @property
    def faults(self) -> Dict[int, str]:
        """Why videos have no tokens, by number in the shard."""
        entries = enumerate(self._entries)
        return {i: e['fault'] for i, e in entries if 'fault' in e}

    @property
    def width(self) -> Optional[int]:
        """``C``, as far as it is known."""
        return next((e['width'] for e in self._entries if e['width']), None)

    def append(self, tokens: Union[np.ndarray, str]) -> None:
        """Add the next video: its tokens ``[N, C]``, or why it has none.

        Raises:
            ValueError: For tokens of another width, without rows or with
                values that are not finite in this dtype.
        """
        entry: Dict[str, Any] = dict(frames=0, width=0, crc32=0)
        if isinstance(tokens, str):
            entry['fault'] = tokens
        else:
            rows = self._checked(tokens)
            self._rows.write(rows.data)
            self._rows.flush()
            entry.update(
                frames=len(rows),
                width=rows.shape[1],
                crc32=zlib.crc32(rows.data),
            )
        self._log.write(json.dumps(entry).encode() + b'\n')
        self._log.flush()
        self._entries.append(entry)

    def finish(self) -> None:
        """Turn what was appended into the shard."""
        frames, crc32 = (
            [e[key] for e in self._entries] for key in ('frames', 'crc32')
        )
        with suppress(FileNotFoundError):  # when bad videos are tried again
            os.remove(f'{self.stem}.json')
        header = dict(
            descr=np.lib.format.dtype_to_descr(self.dtype),
            fortran_order=False,
            shape=(sum(frames), self.width or 0),
        )
        with written_aside(f'{self.stem}.npy') as file:
            np.lib.format.write_array_header_1_0(file, header)
            self._rows.seek(0)
            shutil.copyfileobj(self._rows, file, 1 << 24)
        meta = dict(frames=frames, crc32=crc32, faults=self.faults)
        with written_aside(f'{self.stem}.json', 'w') as file:
            json.dump(meta, file)
        for ending in ('part.jsonl', 'part'):
            with suppress(FileNotFoundError):
                os.remove(f'{self.stem}.{ending}')

    def _checked(self, tokens: np.ndarray) -> np.ndarray:
        with np.errstate(over='ignore'):  # said below, and by name
            rows = np.ascontiguousarray(tokens, self.dtype)
        wrong = None
        if rows.ndim != 2 or not rows.size:
            wrong = f'have shape {rows.shape}, not [N, C]'
        elif self.width not in (None, rows.shape[1]):
            wrong = f'are {rows.shape[1]} wide, those before {self.width}'
        elif not np.isfinite(rows).all():
            wrong = f'are not finite as {self.dtype}'
        if wrong:
            raise ValueError(
                f'{self.stem}: the tokens of {self.names[len(self)]!r} '
                f'{wrong}. Remove the video from the list, or correct what '
                'makes its tokens (for float16, try float32).'
            )
        return rows

    def _recover(self) -> None:
        """Keep the longest consistent run of videos, cut off the rest."""
        self._rows.seek(0)
        self._log.seek(0)
        end = size = 0
        for line in self._log.readlines():
            entry = self._read_entry(line)
            if entry is None:
                break
            self._entries.append(entry)
            end += len(line)
            size = self._rows.tell()
        self._log.truncate(end)
        self._rows.truncate(size)

    def _read_entry(self, line: bytes) -> Optional[dict]:
        """A line and its rows, if both are whole."""
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        size = entry['frames'] * entry['width'] * self.dtype.itemsize
        rows = self._rows.read(size)
        whole = line.endswith(b'\n') and zlib.crc32(rows) == entry['crc32']
        return entry if whole and len(rows) == size else None
