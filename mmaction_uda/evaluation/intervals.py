"""Bootstrap intervals over the videos of a test list.

Efron, Bootstrap methods: another look at the jackknife, The Annals of
Statistics 7(1), 1979; intervals are those of the percentiles. Videos are
drawn, the trained models stay: an interval says how far a number would move
on as many other videos, not with other seeds.
"""

from typing import NamedTuple, Optional, Sequence

import numpy as np

from .history import Predictions

DRAWS, PERCENTILES, SEED = 10_000, (2.5, 97.5), 0


class Interval(NamedTuple):
    """A mean over seeds and its 95 % interval; shares, not percent."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is outside."""
        return self.low > 0 or self.high < 0


def accuracy(runs: Sequence[Predictions]) -> Optional[Interval]:
    """Top-1 of a method, the mean over its seeds.

    Args:
        runs (Sequence[Predictions]): One training each.

    Returns:
        Interval or None: None without trainings, or if their lists differ.
    """
    if len({run.labels for run in runs}) != 1:
        return None
    totals = np.sum([run.correct for run in runs], axis=0)
    return _interval(totals, len(runs))


def difference(
    runs: Sequence[Predictions], others: Sequence[Predictions]
) -> Optional[Interval]:
    """Top-1 of a method less that of another, the mean over common seeds.

    It is paired: a draw takes the same videos for both and for all seeds.

    Args:
        runs (Sequence[Predictions]): One training of a method each.
        others (Sequence[Predictions]): Those of the other method.

    Returns:
        Interval or None: None without a common seed, or if lists differ.
    """
    mine, theirs = ({run.seed: run for run in x} for x in (runs, others))
    paired = [(mine[s], theirs[s]) for s in mine.keys() & theirs.keys()]
    if len({run.labels for pair in paired for run in pair}) != 1:
        return None
    totals = np.sum([a.correct - b.correct for a, b in paired], axis=0)
    return _interval(totals, len(paired))


def _interval(totals: np.ndarray, num_seeds: int) -> Interval:
    """Of the mean of ``[N]`` whole numbers, sums over seeds.

    Videos with the same number are alike, so how many of each are drawn is
    multinomial: the same as drawing the videos, in the time of a few numbers.
    """
    values, counts = np.unique(totals, return_counts=True)
    size = len(totals)
    draws = np.random.default_rng(SEED).multinomial(size, counts / size, DRAWS)
    ends = np.percentile(draws @ values, PERCENTILES)
    return Interval(
        *(float(x) / (size * num_seeds) for x in (counts @ values, *ends))
    )
