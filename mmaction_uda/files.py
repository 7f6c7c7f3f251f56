"""Files that are whole whenever they are there, and where they may lie."""

import errno
import fcntl
import functools
import hashlib
import json
import os
import os.path as osp
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Any, Iterator, Optional, Tuple, Union

REMEDIES = {
    errno.EACCES: 'Correct its permissions, or those of its folder.',
    errno.ELOOP: 'Put the file in the place of the link.',
    errno.ENAMETOOLONG: 'Give it a shorter name.',
}
SETTLED = 2e9  # ns after which a change of a file shows in its times
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


def stamp_of(path: str) -> Optional[Tuple[int, int, int, int]]:
    """Size, times and inode of a file, which are others once it changes.

    Nobody but its file system sets the time ``ctime``.

    Returns:
        tuple, optional: None if it is not there, or so new that the next
        change might get the same times.
    """
    try:
        stat = os.stat(path)
    except OSError:
        return None
    if time.time_ns() - stat.st_ctime_ns < SETTLED:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


@dataclass(frozen=True)
class Keyed:
    """What a cache gets to make something of; equal where the key is."""

    key: tuple
    value: Any = field(compare=False)


def unreadable(path: str, error: OSError) -> OSError:
    """The error of a file that is there and cannot be read."""
    remedy = REMEDIES.get(error.errno or 0, 'Copy it again.')
    return OSError(
        f'{path!r} cannot be read: {error.strerror or error}. {remedy}'
    )


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


def parsed(text: Union[str, bytes]) -> Any:
    """What a text in JSON says.

    Raises:
        ValueError: For any other text; also for brackets within brackets
            that Python's parser cannot follow.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError('it is nested too deeply') from error


def chunks(path: str) -> Iterator[bytes]:
    """The content of a file, little at a time."""
    with open(path, 'rb') as file:
        while chunk := file.read(1 << 20):
            yield chunk


def sha256_of(path: str) -> str:
    """SHA-256 of a file, made once while its size and time stay."""
    stat = os.stat(path)
    return _sha256(osp.realpath(path), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sha256(path: str, size: int, time: int) -> str:
    digest = hashlib.sha256()
    for chunk in chunks(path):
        digest.update(chunk)
    return digest.hexdigest()
