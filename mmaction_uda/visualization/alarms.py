"""What went wrong in trainings, as text below their table."""

import math
from glob import glob
from os.path import basename, join
from typing import Dict, Iterator, List, Optional, Sequence

import numpy as np

from ..evaluation import (
    OF_TRAININGS,
    PREFIX,
    alarm_lines,
    is_oracle,
    read_history,
    read_validations,
)


def markdown_alarms(
    methods: Dict[str, List[str]], bounds: Optional[Sequence[str]] = None
) -> str:
    """What went wrong in trainings, to stand below their table.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        bounds (Sequence[str], optional): Names of the lower bound, below
            which no adaptation should fall, and of the upper.

    Returns:
        str: A Markdown list with a blank line before, empty if there is
        nothing to say.
    """
    lines = []
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
    lines += _below(methods, *bounds) if bounds else []
    head = '\n\nAlarms (docs/validators.md):\n\n' if lines else ''
    return head + '\n'.join(f'- {line}' for line in lines)


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
