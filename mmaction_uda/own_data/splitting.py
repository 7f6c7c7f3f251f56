"""Training and test videos of a domain: by class, and never a group twice."""

import random
from collections import Counter, defaultdict
from typing import Dict, List, Sequence

from .domains import Domain, Video

TRIES = 20  # orders of the groups, of which the best is taken
Groups = List[List[Video]]
Counts = Counter[str]  # of videos, by class


def split(domain: Domain, share: float, seed: int) -> None:
    """Choose the test videos of a domain with labels.

    Of every class about ``share`` of the videos, at least one of two and
    never all. Videos of one group stay together; what has no label is
    trained on.

    Args:
        domain (Domain): Its videos are changed.
        share (float): Of the test, in (0, 1).
        seed (int): Of the choice.
    """
    sizes = domain.classes
    wanted = {
        label: min(max(round(share * size), 1), size - 1)
        for label, size in sizes.items()
    }
    groups = _grouped(domain.videos)
    tries = []
    for number in range(TRIES):
        random.Random(f'{seed} {number}').shuffle(groups)
        tries.append(_choose(groups, wanted, sizes))
    tested = min(tries, key=lambda found: _miss(found, wanted))
    for group in tested:
        for video in group:
            video.split = 'test'


def _grouped(videos: Sequence[Video]) -> Groups:
    """Groups whose videos all have labels."""
    found: Dict[str, List[Video]] = defaultdict(list)
    for video in videos:
        found[f'group {video.group}' if video.group else video.name].append(
            video
        )
    return [g for g in found.values() if all(v.label is not None for v in g)]


def _choose(
    groups: Groups, wanted: Dict[str, int], sizes: Dict[str, int]
) -> Groups:
    """Take each group that brings the test nearer to what is wanted."""
    tested: Groups = []
    counts: Counts = Counter()
    for group in groups:
        more = counts + _counted(group)
        if any(more[label] >= sizes[label] for label in more):
            continue  # a class would have no training video
        if _distance(more, wanted) < _distance(counts, wanted):
            tested.append(group)
            counts = more
    return tested


def _miss(tested: Groups, wanted: Dict[str, int]) -> tuple:
    """Classes without a test video first, then the distance."""
    counts = sum(map(_counted, tested), Counter())
    empty = sum(
        number > counts[label] == 0 for label, number in wanted.items()
    )
    return empty, _distance(counts, wanted)


def _counted(group: Sequence[Video]) -> Counts:
    return Counter(str(video.label) for video in group)


def _distance(counts: Counts, wanted: Dict[str, int]) -> int:
    return sum((counts[label] - n) ** 2 for label, n in wanted.items())
