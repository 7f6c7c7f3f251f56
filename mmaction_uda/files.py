"""Files that are whole whenever they are there."""

import os
import os.path as osp
from contextlib import contextmanager
from typing import IO, Iterator


def _remove_leftovers(path: str) -> None:
    """Remove what killed processes had written aside."""
    folder, name = osp.split(path)
    for file in os.listdir(folder or '.'):
        process, _, ending = file.removeprefix(f'{name}.').partition('.')
        if ending == 'tmp' and not osp.exists(f'/proc/{process}'):
            os.remove(osp.join(folder, file))


@contextmanager
def written_aside(path: str, mode: str = 'wb') -> Iterator[IO]:
    """Open a file that appears under ``path`` only when it is complete.

    What killed processes left of it goes when it does.
    """
    aside = f'{path}.{os.getpid()}.tmp'
    try:
        with open(aside, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
        _remove_leftovers(path)
    finally:
        if osp.exists(aside):
            os.remove(aside)
