"""Files of a store that belong to a shard in the making, or to none."""

import fcntl
import os
import re
from contextlib import suppress
from typing import Iterable, List

from ...files import is_left_behind, unreadable

LEFT_BEHIND = r'.*\.(part|part\.jsonl|tmp)'


def list_files(path: str, pattern: str) -> List[str]:
    """Names of the files of a store that match, if there is a store.

    Raises:
        OSError: If the directory may not be read.
    """
    try:
        found = os.listdir(path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(path, error) from error
    return sorted(name for name in found if re.fullmatch(pattern, name))


def remove_unused(files: Iterable[str]) -> None:
    """Remove those that no process of this machine is writing."""
    for file in files:
        if not _is_in_use(file):
            with suppress(OSError):  # of a read-only disk, for example
                os.remove(file)


def _is_in_use(file: str) -> bool:
    if file.endswith('.tmp'):  # see written_aside
        return not is_left_behind(file)
    try:
        with open(f'{file.removesuffix(".jsonl")}.jsonl', 'r+b') as log:
            fcntl.lockf(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
