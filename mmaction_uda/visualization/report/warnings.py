"""What makes a table worth less than it looks, and what went wrong."""

import math
from glob import glob
from os.path import basename, join
from typing import Any, Dict, Iterator, List

import numpy as np

from ...evaluation import (
    OF_TRAININGS,
    PREFIX,
    alarm_lines,
    is_oracle,
    read_history,
    read_validations,
)

FEW = 50  # test videos
Facts = Dict[str, Any]


def warnings(facts: Facts) -> List[str]:
    """Lines on figures that mean little.

    Args:
        facts (dict): Of :func:`gather`: ``lists``, ``methods``, ``lower`` and
            ``upper`` are looked at.
    """
    return [
        *_small(facts['lists']),
        *_chance(facts),
        *_seeds(facts['methods']),
        *_gap(facts),
    ]


def _small(lists: List[Facts]) -> Iterator[str]:
    if len(lists) > 1:
        yield (
            f'{len(lists)} test lists: numbers of methods that were tested '
            'on different videos are not to be compared'
        )
    for one in lists:
        if one['n'] < FEW:
            yield (
                f'{one["n"]} test videos: one more right video is '
                f'{100 / one["n"]:.1f} points'
            )


def _chance(facts: Facts) -> Iterator[str]:
    for name, method in facts['methods'].items():
        if method['list'] is None:
            continue
        chance = facts['lists'][method['list']]['chance']
        mean, interval = method['top1']['mean'], method['interval']
        if mean <= chance:
            yield (
                f'{name}: top-1 {mean:.1f} % is not above chance '
                f'({chance:.1f} %)'
            )
        elif interval and interval['low'] <= chance:
            yield (
                f'{name}: the interval of top-1 reaches down to chance '
                f'({chance:.1f} %)'
            )


def _seeds(methods: Dict[str, Facts]) -> Iterator[str]:
    seeds = {name: method['seeds'] for name, method in methods.items()}
    if len({tuple(map(str, found)) for found in seeds.values()}) > 1:
        listed = '; '.join(
            f'{name} {", ".join("?" if s is None else str(s) for s in found)}'
            for name, found in seeds.items()
        )
        yield f'methods have different seeds: {listed}'


def _gap(facts: Facts) -> Iterator[str]:
    lower, upper = facts['lower'], facts['upper']
    if lower and upper:
        low, high = (
            facts['methods'][m]['top1']['mean'] for m in (lower, upper)
        )
        if None not in (low, high) and high <= low:
            yield (
                f'{upper} ({high:.1f}) is not above {lower} ({low:.1f}): '
                'there is no gap to have a share of'
            )


def alarms(facts: Facts) -> List[str]:
    """What went wrong in trainings, a line each.

    Args:
        facts (dict): Of :func:`gather`: ``methods``, ``lower`` and ``upper``
            are looked at.
    """
    lines = []
    methods = {n: m['work_dirs'] for n, m in facts['methods'].items()}
    for method, work_dirs in methods.items():
        for folder in work_dirs:
            seed = f', {basename(folder)}' if len(work_dirs) > 1 else ''
            found = alarm_lines(read_history(folder), oracles=True).values()
            lines += [f'{method}{seed}: {line}' for line in found]
            lines += [
                f'{method}{seed}: oracle: target labels chose {basename(file)}'
                for file in sorted(glob(join(folder, 'best_*.pth')))
                if is_oracle(file)
            ]
    if facts['lower']:
        lines += _below(methods, facts['lower'], facts['upper'])
    return lines


def _below(
    methods: Dict[str, List[str]], lower: str, upper: str
) -> Iterator[str]:
    """Adaptations that the validator puts below training without one."""
    name = f'{PREFIX}/{OF_TRAININGS}'
    scores = {}  # NaN where a training has none
    for method, folders in methods.items():
        last = [[*read_validations(d).values()][-1] for d in folders]
        scores[method] = np.mean([v.get(name, math.nan) for v in last])
    for method, score in scores.items():
        if method != upper and score < scores[lower]:
            yield (
                f'{method}: {OF_TRAININGS} {score:.3f} is below {lower} '
                f'({scores[lower]:.3f}): adaptation has not helped'
            )
