"""The finished shards of a feature store."""

import os.path as osp
from functools import lru_cache
from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from ...files import Keyed, is_there, stamp_of
from .header import StoreHeader
from .leftovers import LEFT_BEHIND, list_files, remove_unused
from .notes import Entry
from .shard import Shard


class Place(NamedTuple):
    """Where the rows of a video are."""

    shard: Shard
    row: int
    entry: Entry


@lru_cache(maxsize=1 << 12)
def _opened(stem: str, number: int, header: Keyed) -> Shard:
    return Shard(stem, number, header.value)


class ShardFolder:
    """A directory with a ``store.json`` and the shards that are there.

    Args:
        path (str): The directory.

    Raises: As :meth:`StoreHeader.read`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.header = StoreHeader.read(path)

    def stem(self, number: int) -> str:
        """Path of the files of a shard, without their endings."""
        return osp.join(self.path, f'shard_{number:05d}')

    def numbers(self, ending: str = 'json') -> List[int]:
        """Numbers of the shards with a file of this ending."""
        files = list_files(self.path, rf'shard_\d{{5,}}\.{ending}')
        return sorted(int(file.split('.')[0][6:]) for file in files)

    def shard(self, number: int) -> Optional[Shard]:
        """A shard, if it is there."""
        stem = self.stem(number)
        if not is_there(f'{stem}.json'):
            return None
        files = f'{self.path}/store.json', f'{stem}.json', f'{stem}.npy'
        stamps = (*map(stamp_of, files),)
        if None in stamps:
            return Shard(stem, number, self.header)
        return _opened(stem, number, Keyed(stamps, self.header))

    def shards(self) -> Dict[int, Shard]:
        """All shards that are there, by number."""
        found = {number: self.shard(number) for number in self.numbers()}
        return {number: shard for number, shard in found.items() if shard}

    def places(self) -> Dict[str, Place]:
        """Where the rows of all videos are that have been read."""
        found: Dict[str, Place] = {}
        for shard in self.shards().values():
            for row, (name, entry) in enumerate(shard.videos.items()):
                found.setdefault(name, Place(shard, row, entry))
        return found

    def unread(
        self,
        names: Sequence[str],
        retry: bool = True,
        places: Optional[Mapping[str, Place]] = None,
    ) -> List[str]:
        """The videos that are still to be read.

        Args:
            names (Sequence[str]): The videos of a list.
            retry (bool): Count those that could not be read before.
                Defaults to True.
            places (dict, optional): :meth:`places`, where they are known.
        """
        if places is None:
            places = self.places()
        return [
            name
            for name in names
            if name not in places or (retry and places[name].entry.fault)
        ]

    def is_empty(self) -> bool:
        """Whether it has no tokens yet, not even of a killed process."""
        parts = list_files(self.path, r'.*\.part')
        sizes = (osp.getsize(osp.join(self.path, part)) for part in parts)
        return not self.numbers() and not any(sizes)

    def clean(self) -> None:
        """Remove what killed processes left behind, once all is there."""
        left = list_files(self.path, LEFT_BEHIND)
        if left and not self.unread(self.header.names, retry=False):
            remove_unused(osp.join(self.path, file) for file in left)
