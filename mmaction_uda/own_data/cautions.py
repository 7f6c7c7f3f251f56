"""Lists of a task, and what their sizes forbid to believe."""

import math
from collections import Counter
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

FEW = 50  # test videos, below which an accuracy says little
NO_LABEL = 'no label'


class Part(NamedTuple):
    """A list of a task.

    Args:
        name (str): E.g. ``'source, training'``.
        videos (list[tuple]): File and name of the class, None for no label.
    """

    name: str
    videos: List[Tuple[str, Optional[str]]]

    @property
    def counts(self) -> Counter:
        """Videos of every class."""
        return Counter(label or NO_LABEL for _, label in self.videos)


def cautions(parts: Sequence[Part], classes: Sequence[str]) -> Iterator[str]:
    """What the sizes of lists forbid to believe."""
    targets = [part for part in parts if part.name.startswith('target')]
    if all(label is None for part in targets for _, label in part.videos):
        yield 'The target has no labels: no accuracy can be known.'
    for part in parts:
        labelled = [label for _, label in part.videos if label is not None]
        if part.name == 'target, test' and labelled:
            yield from _size(len(labelled), part.counts)
        missing = [name for name in classes if name not in part.counts]
        if labelled and missing:
            yield f'{part.name}: no video of {", ".join(missing)}.'


def _size(number: int, counts: Counter) -> Iterator[str]:
    chance = 100 * max(counts.values()) / number
    yield (
        f'{number} target test videos; chance is {chance:.1f} % (the largest '
        'class).'
    )
    if number < FEW:
        spread = 196 * math.sqrt(0.25 / number)
        yield (
            f'The test is too small to compare methods: one video is worth '
            f'{100 / number:.1f} points, and which videos were drawn moves an '
            f'accuracy of 50 % by ± {spread:.0f} points (95 %). Take it as a '
            'trial, or add labelled target videos.'
        )
