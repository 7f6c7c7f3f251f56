"""Files that are whole whenever they are there."""

import os
import os.path as osp
from contextlib import contextmanager
from glob import escape, glob
from typing import IO, Iterator


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
        for left in glob(f'{escape(path)}.*.tmp'):
            if not osp.exists(f'/proc/{left.split(".")[-2]}'):
                os.remove(left)
    finally:
        if osp.exists(aside):
            os.remove(aside)
