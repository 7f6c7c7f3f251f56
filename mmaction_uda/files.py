"""Files that are whole whenever they are there, and where they may lie."""

import fcntl
import functools
import hashlib
import os
import os.path as osp
import socket
from contextlib import contextmanager, suppress
from typing import IO, Iterator

HOST = socket.gethostname()  # several machines may share a disk


def is_left_behind(file: str) -> bool:
    """Whether a killed process of this machine had written it aside."""
    aside, _, process = file.removesuffix('.tmp').rpartition('-')
    ours = file.endswith('.tmp') and aside.endswith(f'.{HOST}')
    return ours and not osp.exists(f'/proc/{process}')


@contextmanager
def written_aside(path: str, mode: str = 'wb') -> Iterator[IO]:
    """Open a file that appears under ``path`` only when it is complete.

    What killed processes left of it goes when it does.
    """
    aside = f'{path}.{HOST}-{os.getpid()}.tmp'
    try:
        with open(aside, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        folder, name = osp.split(path)
        for other in os.listdir(folder or '.'):
            if other.startswith(f'{name}.') and is_left_behind(other):
                os.remove(osp.join(folder, other))
    finally:
        if osp.exists(aside):
            os.remove(aside)


@contextmanager
def alone_in(folder: str) -> Iterator[None]:
    """Wait until no other process is in the same block.

    It writes nothing, so that it can be asked for on a read-only disk. A
    killed process lets go of it.
    """
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_there(path: str) -> bool:
    """Whether a file or folder exists.

    Raises:
        OSError: If that cannot be told, for lack of permission: a file that
            may not be seen is not a missing one.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def unreadable(path: str, error: OSError) -> OSError:
    """The error of a file that is there and cannot be read."""
    return OSError(
        f'{path!r} cannot be read: {error.strerror or error}. Correct its '
        'permissions, or those of its folder.'
    )


def sha256_of(path: str) -> str:
    """SHA-256 as 64 hex digits, computed once of a file that stays."""
    stat = os.stat(path)
    return _sha256(osp.realpath(path), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: str, size: int, time: int) -> str:
    with open(path, 'rb') as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def place_below(root: str, name: str) -> str:
    """Where ``name`` lies in the folder ``root``, links followed.

    Raises:
        ValueError: If that is not below ``root``: through ``..``, as an
            absolute path, or along a link.
    """
    folder, place = osp.realpath(root), osp.realpath(osp.join(root, name))
    if place == folder or osp.commonpath([folder, place]) != folder:
        raise ValueError(
            f'{name!r} would be written to {place!r}, outside of {root!r}. '
            'Give it a relative path without .. and without links that lead '
            'out.'
        )
    return place
