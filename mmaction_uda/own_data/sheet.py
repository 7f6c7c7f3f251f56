"""A data sheet: what the lists of a task hold, as a page and a picture."""

import os
import os.path as osp
from collections import Counter
from statistics import median
from typing import Iterable, Iterator, List, Mapping, Sequence, Union

from ..files import written_aside
from .cautions import NO_LABEL, Part, cautions
from .looking import Facts
from .picture import draw

SIZES = 3  # that are named
Seen = Mapping[str, Union[Facts, str]]  # by file: facts, or what is wrong


def write_sheet(
    folder: str,
    title: str,
    parts: Sequence[Part],
    classes: Sequence[str],
    seen: Seen,
    notes: Sequence[str] = (),
) -> str:
    """Write ``README.md`` and, where videos can be read, ``videos.png``.

    Args:
        folder (str): Where they go.
        title (str): Of the task.
        parts (Sequence[Part]): Its lists.
        classes (Sequence[str]): Names of the classes.
        seen (Mapping): What is known of the files; empty if nobody looked.
        notes (Sequence[str]): What else there is to say.

    Returns:
        str: The page.
    """
    os.makedirs(folder, exist_ok=True)
    pictured = any(isinstance(one, Facts) for one in seen.values())
    text = '\n'.join(
        [
            f'# {title}\n',
            *_class_table(parts, classes),
            *(_file_table(parts, seen) if pictured else []),
            *(['![videos](videos.png)\n'] if pictured else []),
            *_listed('What to know', [*cautions(parts, classes), *notes]),
            *_listed('Cannot be read', faults_of(parts, seen)),
        ]
    )
    if pictured:
        draw(osp.join(folder, 'videos.png'), title, parts, classes, seen)
    page = osp.join(folder, 'README.md')
    with written_aside(page, 'w') as file:
        file.write(text)
    return page


def faults_of(parts: Sequence[Part], seen: Seen) -> List[str]:
    """Files of lists that cannot be read, and why."""
    files = dict.fromkeys(file for part in parts for file, _ in part.videos)
    return [
        f'{file}: {seen[file]}'
        for file in files
        if isinstance(seen.get(file), str)
    ]


def _class_table(
    parts: Sequence[Part], classes: Sequence[str]
) -> Iterator[str]:
    rows = [*classes]
    rows += [NO_LABEL] * any(NO_LABEL in part.counts for part in parts)
    yield from _table(
        ['videos of class', *(part.name for part in parts)],
        [
            *([name, *(p.counts[name] or '' for p in parts)] for name in rows),
            ['all', *(len(part.videos) for part in parts)],
        ],
    )


def _file_table(parts: Sequence[Part], seen: Seen) -> Iterator[str]:
    columns = []
    for part in parts:
        found = [seen.get(file) for file, _ in part.videos]
        columns.append([one for one in found if isinstance(one, Facts)])
    seconds = ([f.seconds for f in one if f.seconds] for one in columns)
    rows = {
        'frames': (_range(f.frames for f in one) for one in columns),
        'seconds': (_range(some, '.1f') for some in seconds),
        'px': (_sizes(one) for one in columns),
        'frames a second': (
            _often(f'{f.fps:.4g}' if f.fps else 'unknown' for f in one)
            for one in columns
        ),
    }
    yield from _table(
        ['smallest, median, largest', *(part.name for part in parts)],
        [[name, *cells] for name, cells in rows.items()],
    )


def _range(values: Iterable[float], form: str = '.0f') -> str:
    found = list(values)
    if not found:
        return 'unknown'
    three = (min(found), median(found), max(found))
    return ', '.join(f'{value:{form}}' for value in three)


def _sizes(facts: Sequence[Facts]) -> str:
    """Width and height of frames, or the span of many."""
    found = sorted({(f.width * f.height, f.width, f.height) for f in facts})
    texts = [f'{width} x {height}' for _, width, height in found]
    if len(texts) > SIZES:
        return f'{texts[0]} to {texts[-1]}, {len(texts)} sizes'
    return _often(f'{f.width} x {f.height}' for f in facts)


def _often(texts: Iterable[str]) -> str:
    """The most frequent ones."""
    counts = Counter(texts)
    shown = [
        f'{text} ({number})' if len(counts) > 1 else text
        for text, number in counts.most_common(SIZES)
    ]
    more = len(counts) - SIZES
    return ', '.join(shown) + (f', {more} more' if more > 0 else '')


def _table(head: Sequence, rows: Sequence[Sequence]) -> Iterator[str]:
    for row in (head, ['---'] * len(head), *rows):
        yield f'| {" | ".join(str(cell).replace("|", "/") for cell in row)} |'
    yield ''


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f'## {title}\n'
        yield from (f'- {line}' for line in lines)
        yield ''
