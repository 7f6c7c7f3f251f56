"""What a shard says about its videos."""

import json
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import Dict, Optional

from ...files import parsed, written_aside
from .header import StoreHeader, are_counts, is_list_of
from .sources import Key


@dataclass
class Entry:
    """What is known of the rows of a video.

    Args:
        frames (int): Their number.
        crc32 (int): Their checksum.
        key (Key, optional): What they were made from; None if that was not
            there, or for shards of an older version.
        fault (str, optional): Why there are none.
    """

    frames: int = 0
    crc32: int = 0
    key: Optional[Key] = None
    fault: Optional[str] = None


@dataclass
class ShardNotes:
    """The content of the ``.json`` of a shard.

    Args:
        videos (dict): Entries by name, in the order of the rows.
        finite (int, optional): Checksum of the checksums, once all rows were
            found finite: so it vouches for no other rows.
        named (bool): Whether the file names the videos, as all do but those
            of an older version. Defaults to True.
    """

    videos: Dict[str, Entry]
    finite: Optional[int] = None
    named: bool = True

    @property
    def seal(self) -> int:
        """What ``finite`` is, if the rows are."""
        sums = [entry.crc32 for entry in self.videos.values()]
        return zlib.crc32(json.dumps(sums).encode())

    @classmethod
    def read(cls, file: str, header: StoreHeader, number: int) -> 'ShardNotes':
        """Read those of a shard.

        Args:
            file (str): The file.
            header (StoreHeader): That of its store.
            number (int): Of the shard. Before shards named their videos,
                those were ``shard_size`` names of the header each.

        Raises:
            ForeignShard: If they are of another store.
            ValueError: If they are damaged.
        """
        with open(file) as lines:
            content = parsed(lines.read())
        start = number * header.shard_size
        names = header.names[start : start + header.shard_size]
        named = 'names' in content
        content = dict(names=names, keys=[None] * len(names)) | content
        _check(content)
        if not header.known.issuperset(content['names']):
            unknown = (n for n in content['names'] if n not in header.known)
            raise ForeignShard(f'it holds {next(unknown)!r}')
        if content.get('store', header.digest) != header.digest:
            raise ForeignShard('its tokens were made in another way')
        faults = content['faults']
        columns = (content[k] for k in ('names', 'frames', 'crc32', 'keys'))
        videos = {
            name: Entry(frames, crc32, key and Key(*key), faults.get(str(i)))
            for i, (name, frames, crc32, key) in enumerate(zip(*columns))
        }
        return cls(videos, content.get('finite'), named)

    def write(self, file: str, header: StoreHeader) -> None:
        """Write them, as a shard of the store with this header."""
        entries = [*self.videos.values()]
        content = dict(
            store=header.digest,
            names=[*self.videos],
            frames=[entry.frames for entry in entries],
            crc32=[entry.crc32 for entry in entries],
            keys=[entry.key for entry in entries],
            faults={i: e.fault for i, e in enumerate(entries) if e.fault},
            finite=self.finite,
        )
        with written_aside(file, 'w') as lines:
            json.dump(content, lines)


class ForeignShard(Exception):
    """A shard was made for another store; says how that is seen."""


def _check(content: dict) -> None:
    """Refuse what :meth:`ShardNotes.write` never writes."""
    names, frames, sums, keys, faults = (
        content[k] for k in ('names', 'frames', 'crc32', 'keys', 'faults')
    )
    spots = {str(i): count for i, count in enumerate(frames)}
    right = dict(
        names=is_list_of(str, names) and len(set(names)) == len(names),
        frames=are_counts(frames) and len(frames) == len(names),
        crc32=are_counts(sums) and len(sums) == len(names),
        keys=_are_keys(keys) and len(keys) == len(names),
        faults=all(
            spots.get(place) == 0 and text and type(text) is str
            for place, text in faults.items()
        ),
    )
    wrong = [name for name, fits in right.items() if not fits]
    if wrong:
        value = repr(content[wrong[0]])[:60]
        raise ValueError(f'{wrong[0]}={value} of {len(names)} videos')


def _are_keys(value) -> bool:
    """Whether it is a list of pairs of texts, or of None."""
    pairs = [pair for pair in value if pair is not None]
    return {*map(type, [value, *pairs])} == {list} and (
        {*map(len, pairs)} <= {2} and is_list_of(str, [*chain(*pairs)])
    )
