"""The videos of a domain, from class folders, a flat folder, or a list."""

import os
import os.path as osp
import re
from collections import defaultdict
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

from ..faults import Faults
from ..lists import VIDEO, Line, parse_line, read_list
from .domains import Domain, Video

ENDING = re.compile(f'{VIDEO}$', re.IGNORECASE)


def read_domain(role: str, place: str, labels: bool = True) -> Domain:
    """Find the videos of a domain.

    Args:
        role (str): ``'source'`` or ``'target'``.
        place (str): A folder with a folder for every class; one with nothing
            but videos, which have no labels then; or a list, ``path label``
            or ``path`` a line.
        labels (bool): False: there are none, whatever the folders mean.

    Raises:
        Faults: For a place that is not there or has no video; for labels
            that a source lacks.
    """
    if osp.isdir(place):
        domain = _from_folder(role, place, labels)
    elif osp.isfile(place):
        domain = _from_list(role, place, labels)
    else:
        raise Faults(
            f'--{role} {place!r} is not there. Give a folder of videos, or a '
            'list of them.'
        )
    unwritable = {
        video.name: 'its name cannot stand in a list. Rename it'
        for video in domain.videos
        if parse_line(f'{video.name} 0') != Line(video.name, 0)
        or len(video.name.splitlines()) > 1
        or video.name.encode(errors='ignore').decode() != video.name
    }
    domain.leave_out(unwritable)
    if role == 'source' and any(v.label is None for v in domain.videos):
        raise Faults(
            f'--source {place!r} has videos without labels. Put each into '
            'the folder of its class, or give a list `path label`.'
        )
    return domain


def _from_folder(role: str, place: str, labels: bool) -> Domain:
    names, others = [], 0
    for name in files_below(place):
        if ENDING.search(name):
            names.append(name)
        else:
            others += 1
    if not names:
        raise Faults(
            f'--{role} {place!r}: there is no video in it, nor in the '
            'folders in it. Videos end in .avi, .mp4, .mkv, .webm, .mov, …'
        )
    flat = [name for name in names if '/' not in name]
    if labels and flat and len(flat) < len(names):
        raise Faults(
            f'--{role} {place!r}: {len(flat)} videos lie beside the folders '
            f'of classes, first {flat[0]!r}. Put them into folders too'
            + (', or say --no-target-labels.' if role == 'target' else '.')
        )
    labelled = labels and not flat
    videos = [Video(n, n.split('/')[0] if labelled else None) for n in names]
    notes = []
    if others:
        notes.append(f'{others} files that are no videos are not looked at.')
    if labelled:
        used = {video.label for video in videos}
        kept = (e for e in os.scandir(place) if not e.name.startswith('.'))
        empty = {e.name for e in kept if e.is_dir()} - used
        if empty:
            notes.append(
                f'folders without a video: {", ".join(sorted(empty))}.'
            )
    return Domain(role, _from_here(place), videos, notes=notes)


def files_below(root: str) -> Iterator[str]:
    """All files below a folder, links followed, in order of their names."""
    seen: Set[str] = {*map(str, Path(osp.realpath(root)).parents)}
    found: List[str] = []
    for folder, inner, files in os.walk(root, followlinks=True):
        place = osp.realpath(folder)
        if place in seen:  # a link that leads back
            inner.clear()
            continue
        seen.add(place)
        inner[:] = sorted(name for name in inner if name[0] != '.')
        kept = (name for name in files if name[0] != '.')
        found += [osp.relpath(osp.join(folder, name), root) for name in kept]
    yield from sorted(found)


def _from_list(role: str, place: str, labels: bool) -> Domain:
    lines = read_list(place)
    root = root_of(role, place, lines)
    missing = [
        line.name
        for line in lines
        if not osp.isfile(osp.join(root, line.name))
    ]
    names = _class_names(lines)
    videos = {
        line.name: Video(line.name, names.get(line.label) if labels else None)
        for line in lines
    }
    contrary = [
        n.name for n in lines if videos[n.name].label != names.get(n.label)
    ]
    if labels and contrary:
        raise Faults(
            f'--{role} {place!r}: {contrary[0]!r} has two labels. Remove one '
            'of the lines.'
        )
    numbers = {name: number for number, name in names.items()}
    domain = Domain(role, root, list(videos.values()), numbers)
    domain.leave_out({name: 'it is not there' for name in missing})
    return domain


def root_of(role: str, place: str, lines: List[Line]) -> str:
    """Where paths of a list begin: here, or where the list lies."""
    found: List[Tuple[int, str]] = []
    for root in ('', osp.dirname(place)):
        there = sum(osp.isfile(osp.join(root, line.name)) for line in lines)
        found.append((there, root))
    number, root = max(found, key=lambda one: one[0])
    if not number:
        raise Faults(
            f'--{role} {place!r}: none of its videos is there, first '
            f'{lines[0].name!r}, neither below the working directory nor '
            'below the folder of the list. Write paths from one of them.'
        )
    return _from_here(root or '.')


def _class_names(lines: List[Line]) -> Dict[int, str]:
    """Names of labels: the folders of the videos, if these say the same."""
    folders: Dict[int, Set[str]] = defaultdict(set)
    for line in lines:
        if line.label >= 0:
            folder = osp.basename(osp.dirname(line.name))
            folders[line.label].add(folder)
    names = {label: min(found) for label, found in sorted(folders.items())}
    alone = all(len(found) == 1 for found in folders.values())
    if (
        not alone
        or '' in names.values()
        or len({*names.values()}) < len(names)
    ):
        return {label: f'class {label}' for label in names}
    return names


def _from_here(path: str) -> str:
    """A path as a config names it: relative if it is below, else whole."""
    path, here = osp.abspath(path), os.getcwd()
    below = osp.commonpath([path, here]) == here
    return osp.relpath(path, here) if below else path
