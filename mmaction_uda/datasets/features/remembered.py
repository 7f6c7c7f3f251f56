"""Which shards were read as a whole, so that no start reads them again.

``read.json`` of a store holds, for each shard, the checksum of its checksums
and what its file was when all tokens had them: size, times and inode. Any
change of the file changes these, if only the time that its file system alone
sets; a copy has others, too. Then it is read again, as it is where this file
is missing, damaged or cannot be written.
"""

import json
import os.path as osp
from contextlib import suppress
from typing import Dict, Iterable

from ...files import alone_in, parsed, stamp_of, written_aside
from .shard import Shard

FILE = 'read.json'


def verify_changed(path: str, shards: Iterable[Shard]) -> None:
    """Compare with their checksums what was not read since it changed.

    Args:
        path (str): Directory of the store.
        shards (Iterable[Shard]): Some of its shards.

    Raises:
        ValueError: As :meth:`Shard.verify`.
    """
    known = _known(path)
    found: Dict[str, list] = {}
    for shard in shards:
        name = osp.basename(shard.stem)
        mark = shard.stamp and [shard.seal, *shard.stamp]
        if mark and known.get(name) == mark:
            continue
        shard.verify()
        # Of a file that was replaced meanwhile the old one was read.
        if mark and shard.stamp == stamp_of(f'{shard.stem}.npy'):
            found[name] = mark
    if found:
        with suppress(OSError), alone_in(path):  # of a read-only disk
            with written_aside(osp.join(path, FILE), 'w') as file:
                json.dump(_known(path) | found, file)


def _known(path: str) -> dict:
    """What was written down; nothing where that cannot be read."""
    try:
        with open(osp.join(path, FILE)) as lines:
            known = parsed(lines.read())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
