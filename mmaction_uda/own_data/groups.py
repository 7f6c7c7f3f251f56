"""Which videos show the same recording, as far as file names say it.

A split must not separate two clips of one film, or of one person: a test would
then ask for what was seen. A group is the beginning of a file name:

1. up to a field ``g01`` in front of one like ``c02``
   (UCF101: ``v_Punch_g01_c02``);
2. else up to the name of the class (HMDB51: ``Eric_Axley_golf_f_cm_np1_…``;
   Weizmann, KTH: ``daria_wave1``), or what is behind it if it comes first;
3. else, or then, without the numbers at its end (``Y7x_000007_000017``).

Groups hold across the classes of a domain. Where no two videos share one, or
where one has more than a third of all videos (``video_001``, ``video_002``),
names say nothing.
"""

import os.path as osp
import re
from collections import Counter
from typing import Optional

from ..faults import Faults
from ..lists import without_ending
from .domains import Domain, Video

LARGEST = 1 / 3  # of a domain, that a group may be
_UCF = re.compile(r'(.*[\W_]g\d+)[\W_]c\d+$')
_NUMBERS = re.compile(r'([\W_]+(c|clip|part|take|seg|scene|shot|v)?\d+\W*)+$')
_NUMBER = re.compile(r'\d+$')


def group_of(video: Video) -> str:
    """The group that the name of a video shows, ``''`` for none."""
    stem = without_ending(osp.basename(video.name)).casefold()
    found = _UCF.match(stem)
    if found:
        return found[1]
    places = [*_class_in(stem, video.label)]
    if places:
        before = stem[: places[-1].start()].strip(' _-.')
        if before:
            return before
        stem = stem[places[-1].end() :].strip(' _-.')
    shorter = _NUMBERS.sub('', stem)
    if shorter == stem:
        shorter = _NUMBER.sub('', stem)
    return shorter.strip(' _-.')


def _class_in(stem: str, label: Optional[str]):
    """Where the name of the class stands, whatever divides its words."""
    words = re.split(r'[\W_]+', (label or '').casefold().strip(' _-.'))
    name = r'[\W_]*'.join(map(re.escape, words))
    pattern = rf'(?:^|(?<=[\W_])){name}\d*(?=[\W_]|$)'
    return re.finditer(pattern, stem) if name else iter(())


def find_groups(domain: Domain, rule: Optional[str] = None) -> str:
    """Give every video its group.

    Args:
        domain (Domain): Its videos are changed.
        rule (str, optional): A regular expression that finds the group in
            the name of a video: its first bracket, or all of it. By default
            the rule of this module.

    Returns:
        str: What was found.

    Raises:
        Faults: If the expression is none, or finds nothing in a name.
    """
    if rule is not None:
        _by_rule(domain, rule)
    else:
        for video in domain.videos:
            video.group = group_of(video)
    sizes = Counter(v.group for v in domain.videos if v.group)
    larger = sum(size > 1 for size in sizes.values())
    said = (
        f'{len(sizes)} groups by file names, {larger} of them with several '
        'videos; none is split'
    )
    if rule is not None:
        return f'{said} (--groups {rule!r})'
    name, most = max(sizes.items(), key=lambda s: s[1], default=('', 0))
    if larger and most <= LARGEST * len(domain.videos):
        return said
    for video in domain.videos:
        video.group = ''
    if not larger:
        return 'no groups: no two file names show the same recording'
    return (
        f'no groups: {most} of {len(domain.videos)} names begin with '
        f'{name!r}, which says nothing; --groups REGEX states them'
    )


def _by_rule(domain: Domain, rule: str) -> None:
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise Faults(
            f'--groups {rule!r} is no regular expression: {error}.'
        ) from error
    missed = []
    for video in domain.videos:
        found = pattern.search(video.name)
        if found is None:
            missed.append(video.name)
        else:
            video.group = (found[1] if pattern.groups else found[0]) or ''
    if missed:
        raise Faults(
            f'--groups {rule!r} finds nothing in {len(missed)} of '
            f'{len(domain.videos)} names of the {domain.role}, first '
            f'{missed[0]!r}.'
        )
