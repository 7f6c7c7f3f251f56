"""Files that are whole whenever they are there."""

import os
import os.path as osp
from contextlib import contextmanager
from typing import IO, Iterator


@contextmanager
def written_aside(path: str, mode: str = 'wb') -> Iterator[IO]:
    """Open a file that appears under ``path`` only when it is complete."""
    aside = f'{path}.{os.getpid()}.tmp'
    try:
        with open(aside, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        if osp.exists(aside):
            os.remove(aside)
