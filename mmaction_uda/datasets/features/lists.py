"""Lists of videos, and where the features of their videos lie."""

import os.path as osp
import re
from collections import defaultdict
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

_ENDING = re.compile(r'\.(avi|mp4|mkv|webm|mov|mpe?g|npy|npz)$', re.IGNORECASE)
# Each rule that data sets are sanitised by deletes some of these.
_SANITISED = str.maketrans('', '', '(),&!#+')


class Line(NamedTuple):
    """A line of a list, ``path label`` or ``folder frames label``."""

    name: str
    label: int
    frames: Optional[int] = None


def read_list(file: str) -> List[Line]:
    """Read a list of videos; a missing label is -1.

    Raises:
        FileNotFoundError: If there is no list.
        ValueError: For a line of another format; names it.
    """
    lines = []
    with open(file) as texts:
        for number, text in enumerate(texts, 1):
            try:
                name, *numbers = text.split()
                *frames, label = map(int, numbers or [-1])
                lines.append(Line(osp.normpath(name), label, *frames))
            except (ValueError, TypeError):
                raise ValueError(
                    f'{file!r}, line {number}: {text.strip()!r} is neither '
                    '`path label` nor `folder frames label`. Correct it.'
                ) from None
    return lines


def without_ending(name: str) -> str:
    """Name of a video without ``.avi``, ``.mp4`` …"""
    return _ENDING.sub('', name)


def match_names(
    names: Sequence[str], paths: Iterable[str], root: str
) -> Dict[str, str]:
    """Find what belongs to the videos of a list.

    A name and a path match if one is the end of the other, folder by folder,
    both without ending and without ``( ) , & ! # +``.

    Args:
        names (Sequence[str]): The videos, as a list names them.
        paths (Iterable[str]): Files or folders below ``root``.
        root (str): The folder.

    Returns:
        dict: Path by name, for all names that have one: the one with most
        folders in common, an exact one before a sanitised one.

    Raises:
        ValueError: If two paths fit a name as well, or one fits two names.
    """
    places = defaultdict(list)
    for path in paths:
        parts = _parts(osp.relpath(path, root))
        places[_sanitised(parts)[-1]].append((parts, path))
    found, owners = {}, {}
    for name in dict.fromkeys(names):
        parts = _parts(name)
        fits = defaultdict(list)
        for other, path in places[_sanitised(parts)[-1]]:
            fits[_likeness(parts, other)].append(path)
        best = max(fits, default=_NO_MATCH)
        if best == _NO_MATCH:
            continue
        if len(fits[best]) > 1:
            raise ValueError(
                f'{name!r} could be any of {sorted(fits[best])[:3]}. Let the '
                'list name the folder as well, or keep one of them.'
            )
        (path,) = fits[best]
        if path in owners:
            raise ValueError(
                f'{path!r} could be {owners[path]!r} or {name!r}. Give '
                'each its own features, under its name in the list.'
            )
        found[name], owners[path] = path, name
    return found


_NO_MATCH = 0, False


def _likeness(a: List[str], b: List[str]) -> Tuple[int, bool]:
    """Folders that two names have in common, whether they are the same."""
    length = min(len(a), len(b))
    a, b = a[-length:], b[-length:]
    return (length, a == b) if _sanitised(a) == _sanitised(b) else _NO_MATCH


def _parts(name: str) -> List[str]:
    return without_ending(name).strip('/').split('/')


def _sanitised(parts: List[str]) -> List[str]:
    return [part.translate(_SANITISED) for part in parts]
