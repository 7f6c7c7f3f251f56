"""The finished shards of a feature store."""

import os
import os.path as osp
from contextlib import suppress
from functools import lru_cache
from typing import (
    Dict,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Type,
    TypeVar,
)

from ...files import Keyed, alone_in, is_there, stamp_of
from .header import StoreHeader
from .leftovers import LEFT_BEHIND, list_files, remove_unused
from .notes import Entry
from .shard import Shard

SHARD_SIZE = 512  # videos
Folder = TypeVar('Folder', bound='ShardFolder')


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

    @classmethod
    def find(
        cls: Type[Folder], path: str, identity: dict, dtype: str = 'float32'
    ) -> Optional[Folder]:
        """The store in a directory, if there is one that has any tokens.

        Args:
            path (str): The directory.
            identity (dict): What determines the numbers.
            dtype (str): Of the tokens on disk. Defaults to ``'float32'``.

        Raises:
            ValueError: If it holds other features: names what differs.
        """
        if not is_there(osp.join(path, 'store.json')):
            if list_files(path, 'shard_.*'):
                raise ValueError(
                    f'{path!r} holds shards, but no store.json that says '
                    'what of. Delete it and extract again.'
                )
            return None
        store = cls(path)
        try:
            store.header.check_identity(path, identity, dtype)
        except ValueError:
            if store.is_empty():
                return None
            raise
        return store

    @classmethod
    def make(
        cls: Type[Folder],
        path: str,
        identity: dict,
        names: Sequence[str],
        labels: Sequence[int],
        dtype: str = 'float32',
    ) -> Folder:
        """Make a store without shards, or go on with the one that is there.

        Args:
            path (str): The directory.
            identity (dict): What determines the numbers.
            names (Sequence[str]): The videos of a list.
            labels (Sequence[int]): Their labels; -1 for none.
            dtype (str): Of the tokens on disk. Defaults to ``'float32'``.

        Raises:
            ValueError: If ``path`` holds other features: names what differs.
        """
        blank = StoreHeader(identity, dtype, SHARD_SIZE, [], [])
        listed = StoreHeader(identity, dtype, SHARD_SIZE, [*names], [*labels])
        os.makedirs(path, exist_ok=True)
        with alone_in(path):
            old = cls.find(path, identity, dtype)
            header = (blank if old is None else old.header).merged(listed)
            if old is None:
                header.write(path)
            elif header.names != old.header.names:
                for shard in old.shards().values():
                    shard.name_videos()
                header.write(path)
            elif header != old.header:
                with suppress(OSError):  # labels are for exports alone
                    header.write(path)
        return cls(path)

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
