"""From two folders or lists of videos to lists, a config and a data sheet."""

import os.path as osp
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Optional, Tuple

from ..faults import Faults, gathered
from .domains import Domain
from .duplicates import leave_out_doubles
from .files import NewTask
from .groups import find_groups
from .looking import Facts, look_at
from .reading import read_domain
from .splitting import split


@dataclass(frozen=True)
class Wanted:
    """What a user wants of a task.

    Args:
        source (str): Folder or list of the labelled videos.
        target (str): Folder or list of the others.
        target_labels (bool): False: take no folder for a label there.
        test_share (float): Of the labelled videos.
        groups (str, optional): Regular expression for :func:`find_groups`.
        seed (int): Of the split.
    """

    source: str
    target: str
    target_labels: bool = True
    test_share: float = 0.3
    groups: Optional[str] = None
    seed: int = 0


def make_task(wanted: Wanted) -> NewTask:
    """Find, check, sort out and split the videos of two domains.

    Nothing is written.

    Args:
        wanted (Wanted): What a user wants.

    Raises:
        Faults: What is wrong with the whole; single videos are left out.
    """
    source, target = _read(wanted)
    notes = _share_classes(source, target)
    files = [d.file(v) for d in (source, target) for v in d.videos]
    seen = look_at(files, 'videos')
    for domain in (source, target):
        found = {v.name: seen[domain.file(v)] for v in domain.videos}
        domain.leave_out(
            {n: f for n, f in found.items() if isinstance(f, str)}
        )
    facts = {f: one for f, one in seen.items() if isinstance(one, Facts)}
    leave_out_doubles(source, target, facts)
    notes += _share_classes(source, target)
    for domain in (source, target):
        notes += [f'{domain.role}: {note}' for note in domain.notes]
        if domain.classes:
            groups = find_groups(domain, wanted.groups)
            notes.append(f'{domain.role}: {groups}.')
            split(domain, wanted.test_share, wanted.seed)
    notes += [f'left out: {x}' for d in (source, target) for x in d.left_out]
    numbers = source.numbers or target.numbers
    classes = sorted(source.classes, key=lambda n: (numbers.get(n, -1), n))
    task = NewTask(source, target, classes, facts, notes)
    task.check()
    return task


def _read(wanted: Wanted) -> Tuple[Domain, Domain]:
    """Both domains; all that is wrong with either is told."""
    faults: List[str] = []
    found: List[Domain] = []
    same = [osp.realpath(p) for p in (wanted.source, wanted.target)]
    folders = all(map(osp.isdir, same))
    if same[0] == same[1] or (folders and osp.commonpath(same) in same):
        raise Faults(
            f'--source {wanted.source!r} and --target {wanted.target!r} are '
            'the same, or one lies in the other. Give two.'
        )
    with gathered(faults):
        found.append(read_domain('source', wanted.source))
    with gathered(faults):
        found.append(
            read_domain('target', wanted.target, wanted.target_labels)
        )
    if not faults:
        source, target = found
        if source.numbers and target.numbers:
            _name_by_numbers(source, target)
        faults += _alike(source, target)
    if faults:
        raise Faults(*faults)
    return source, target


def _name_by_numbers(source: Domain, target: Domain) -> None:
    """Of two lists the numbers are compared, whatever folders are called."""
    names = {number: name for name, number in source.numbers.items()}
    for video in target.videos:
        if video.label is not None:
            number = target.numbers[video.label]
            video.label = names.get(number, f'class {number}')


def _alike(*domains: Domain) -> Iterator[str]:
    """Names of classes that differ in case, blanks or signs alone."""
    spelt: Dict[str, Dict[str, str]] = defaultdict(dict)
    for domain in domains:
        for name in domain.classes:
            plain = re.sub(r'[\W_]+', '', name.casefold()) or name
            spelt[plain][name] = osp.join(domain.root, name)
    for places in spelt.values():
        if len(places) > 1:
            yield (
                f'{" and ".join(map(repr, places.values()))} are spelt almost '
                'alike: two classes or one? Give one class one name.'
            )


def _share_classes(source: Domain, target: Domain) -> List[str]:
    """Drop the classes that the domains do not share, and say which."""
    if not target.classes:
        if not target.videos:
            raise Faults('no video of the target is left.', *target.left_out)
        return []
    shared = {*source.classes} & {*target.classes}
    if len(shared) < 2:
        raise Faults(
            f'the domains share {len(shared) or "no"} '
            f'{"class" if len(shared) == 1 else "classes"}, two are needed. '
            f'Source: {_named(source.classes)}. Target: '
            f'{_named(target.classes)}. Call folders of the same class alike; '
            'if those of the target are no classes, say --no-target-labels.',
            *(x for d in (source, target) for x in d.left_out),
        )
    notes = []
    for domain in (source, target):
        dropped = {
            name: number
            for name, number in domain.classes.items()
            if name not in shared
        }
        if dropped:
            counted = (f'{name} ({n})' for name, n in dropped.items())
            notes.append(
                f'classes of the {domain.role} alone, dropped: '
                f'{", ".join(sorted(counted))}.'
            )
        domain.videos = [v for v in domain.videos if v.label not in dropped]
    return notes


def _named(classes: Iterable[str]) -> str:
    shown = sorted(classes)
    return ', '.join(shown[:10]) + (', …' if len(shown) > 10 else '')
