"""Lists of videos, and where the features of their videos lie."""

import os.path as osp
import re
from collections import defaultdict
from typing import (
    Callable,
    Dict,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)

VIDEO = r'\.(avi|mp4|m4v|mkv|webm|mov|mpe?g|ts|m2ts|flv|wmv|og[gv]|3gp)'
_ENDINGS = VIDEO.replace(')', '|npy|npz)')
_ENDING = re.compile(f'{_ENDINGS}$', re.IGNORECASE)
_SEPARATED = re.compile(rf'{_ENDINGS}[\'"]?\s*[,;|]', re.IGNORECASE)
# Each rule that data sets are sanitised by deletes some of these.
_SANITISED = str.maketrans('', '', '(),&!#+')
_NUMBER = re.compile(r'[+-]?\d+')
FORMAT = '`path label`, a whole number, or `path` alone'


class Line(NamedTuple):
    """A line of a list: ``path label``, ``folder frames label`` or ``path
    start stop label``."""

    name: str
    label: int
    frames: Optional[int] = None
    number: int = 0  # in the file, from 1
    segment: Optional[Tuple[int, int]] = None  # frames start … stop - 1


def read_list(file: str, frames: bool = False) -> List[Line]:
    """Read a list of videos; a missing label is -1.

    The label is the last word, so that names may hold blanks; words are
    divided by blanks or tabs. Empty lines and a byte-order mark are skipped.

    Args:
        file (str): The list, in UTF-8.
        frames (bool): Accept ``folder frames label`` too. Defaults to False.

    Raises:
        FileNotFoundError: If there is no list, or it may not be read.
        ValueError: For lines of another format, names all; for a list
            without a line.
    """
    wanted = FORMAT + (', or `folder frames label`' if frames else '')
    return parse_lines(file, lambda text: parse_line(text, frames), wanted)


def parse_lines(
    file: str, parse: Callable[[str], Optional[Line]], wanted: str
) -> List[Line]:
    """Lines of a list of any format; see :func:`read_list`.

    Args:
        file (str): The list, in UTF-8.
        parse (callable): Reads a line, None for another format.
        wanted (str): The format.
    """
    lines, faults = [], []
    for number, text in enumerate(_read_lines(file), 1):
        if not text.strip():
            continue
        line = parse(text.strip())
        if line is None:
            faults.append(f'line {number}: {text.strip()!r}')
        else:
            # Line._replace takes three times as long.
            name, label, frames, _, segment = line
            lines.append(Line(name, label, frames, number, segment))
    if faults:
        raise ValueError(
            f'{file!r}, {"; ".join(faults[:5])}'
            f'{" …" if len(faults) > 5 else ""}: {len(faults)} of its lines '
            f'are not {wanted}. Correct or remove them.'
        )
    if not lines:
        raise ValueError(
            f'{file!r} is an empty list. Write one line `path label` per '
            'video.'
        )
    return lines


def _read_lines(file: str) -> List[str]:
    try:
        with open(file, encoding='utf-8-sig') as texts:
            return texts.read().splitlines()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f'The list {file!r} is not there. It holds one line `path label` '
            'per video; docs/datasets.md says how to make it.'
        ) from error
    except OSError as error:
        raise OSError(
            f'The list {file!r} cannot be read: {error.strerror}. Correct '
            'its permissions or the path.'
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f'{file!r} is no text in UTF-8 ({error.reason} at byte '
            f'{error.start}). Save it as UTF-8.'
        ) from error


def parse_line(text: str, frames: bool = False) -> Optional[Line]:
    """A line of a list, None for another format; see :func:`read_list`."""
    if _SEPARATED.search(text) or '\0' in text:
        return None  # of a table, or of no text
    *words, last = text.split()
    if not _NUMBER.fullmatch(last):  # no label
        alone = not words or _ENDING.search(text)
        return Line(osp.normpath(text), -1) if alone else None
    if not words:
        return None
    name = text[: -len(last)].rstrip()
    counted = len(words) > 1 and _NUMBER.fullmatch(words[-1])
    if counted and frames:
        folder = name[: -len(words[-1])].rstrip()
        return Line(osp.normpath(folder), int(last), int(words[-1]))
    if counted and _ENDING.search(words[-2]):
        return None  # a number of frames, where none belongs
    return Line(osp.normpath(name), int(last))


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
    found: Dict[str, str] = {}
    owners: Dict[str, str] = {}
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
