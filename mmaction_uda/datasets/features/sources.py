"""What tokens are made from, so that a replaced video is found."""

import hashlib
import json
import os
import os.path as osp
import stat
from functools import lru_cache
from typing import (
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

from ...files import chunks
from ..annotations import video_path

# Of an annotation, what the tokens of a video do not depend on.
_PLACES = frozenset(
    ('filename', 'frame_dir', 'img_key', 'label', 'line', 'sample_idx')
)
_ENCODER = json.JSONEncoder(sort_keys=True, default=str)
_quoted = json.encoder.encode_basestring_ascii


class Key(NamedTuple):
    """The content of a video, when its tokens were made."""

    digest: str  # SHA-256 of its bytes and notes
    stamp: str  # of sizes and times: while it holds, nothing is read again


class Source(NamedTuple):
    """A file, or a folder of frames; hidden files are no part of it.

    Args:
        path (str): It.
        notes (dict): What else determines what is read from it, for example
            ``total_frames`` of a list.
        place (int): That in the list, of which the key knows nothing.
            Defaults to 0.
    """

    path: str
    notes: dict
    place: int = 0

    def touched(self, known: Optional[Key]) -> bool:
        """Whether it is there, and not as it was when ``known`` was made."""
        try:
            stamp = self._stamp(self._files())
        except OSError:  # not there (any more), or not for us
            return False
        return known is None or stamp != known.stamp

    def key(self, known: Optional[Key] = None) -> Optional[Key]:
        """Its key; ``known``, if it was not touched since or is not there.

        Raises:
            OSError: If it is there, and cannot be read.
        """
        if not self.touched(known):
            return known
        files = self._files()
        digest = self._hashed()
        if 'segment' in self.notes:  # many of one video, read once
            content = _content(self.path, tuple(files))
            digest.update(content)
        else:
            _feed(digest, self.path, files)
        return Key(digest.hexdigest(), self._stamp(files))

    def _hashed(self):
        try:  # most videos of a list have the same
            return _begun(**self.notes).copy()
        except TypeError:  # of values that are compared in no cache
            return hashlib.sha256(_ENCODER.encode(self.notes).encode())

    def _stamp(self, files: List[Tuple[str, int, int]]) -> str:
        digest = self._hashed()
        # As json.dumps writes it, which takes four times as long.
        rows = (f'[{_quoted(n)}, {size}, {time}]' for n, size, time in files)
        digest.update(f'[{", ".join(rows)}]'.encode())
        return digest.hexdigest()[:16]

    def _files(self) -> List[Tuple[str, int, int]]:
        """Name below the path, bytes and time of change of every file."""
        own = os.stat(self.path)
        if not stat.S_ISDIR(own.st_mode):
            return [('', own.st_size, own.st_mtime_ns)]
        found = []
        for folder, _, files in os.walk(self.path):
            for name in files:
                if not name.startswith('.'):
                    file = osp.join(folder, name)
                    info = os.stat(file)
                    inner = osp.relpath(file, self.path)
                    found.append((inner, info.st_size, info.st_mtime_ns))
        return sorted(found)


def sources_of(
    names: Sequence[str], infos: Sequence[dict]
) -> Dict[str, Source]:
    """What the tokens of each video of a list are made from.

    Args:
        names (Sequence[str]): What the store calls them.
        infos (Sequence[dict]): Their annotations.
    """
    found: Dict[str, Source] = {}
    for index, (name, info) in enumerate(zip(names, infos)):
        notes = {k: v for k, v in info.items() if k not in _PLACES}
        found.setdefault(name, Source(video_path(info), notes, index))
    return found


@lru_cache(maxsize=16, typed=True)
def _begun(**notes):
    return hashlib.sha256(_ENCODER.encode(notes).encode())


def _feed(digest, path: str, files: Iterable[Tuple[str, int, int]]) -> None:
    for name, size, _ in files:
        digest.update(json.dumps([name, size]).encode())
        for chunk in _read(osp.join(path, name) if name else path):
            digest.update(chunk)


@lru_cache(maxsize=16)
def _content(path: str, files: Tuple[Tuple[str, int, int], ...]) -> bytes:
    """SHA-256 of a video as it is now."""
    digest = hashlib.sha256()
    _feed(digest, path, files)
    return digest.digest()


def _read(file: str) -> Iterator[bytes]:
    if stat.S_ISREG(os.stat(file).st_mode):
        yield from chunks(file)
    # A pipe would be waited for; readers refuse it.
