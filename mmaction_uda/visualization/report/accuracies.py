"""Accuracies of trainings, in percent, as plain numbers."""

import re
from os.path import basename, join
from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from ...checkpoints import read_notes
from ...evaluation import (
    MEAN_CLASS,
    PREFIX,
    TOP1,
    Interval,
    Predictions,
    accuracy,
    choose,
    difference,
    read_predictions,
    read_validations,
)

Facts = Dict[str, Any]


def numbers(values: Sequence[Optional[float]]) -> Facts:
    """Values of several seeds, their mean and sample standard deviation.

    Returns:
        dict: ``values``, ``mean`` (None if one of them is missing) and
        ``std`` (None for one seed as well).
    """
    known = [v for v in values if v is not None]
    whole = len(known) == len(values) > 0
    mean = float(np.mean(known)) if whole else None
    several = whole and len(known) > 1
    std = float(np.std(known, ddof=1)) if several else None
    return dict(values=[*values], mean=mean, std=std)


def accuracies(work_dirs: Sequence[str]) -> Facts:
    """What the validations of a method's seeds have found.

    Args:
        work_dirs (Sequence[str]): One finished training each.

    Returns:
        dict: ``seeds``; ``top1`` and ``mean_class`` at the last epoch,
        ``chosen``, top-1 at the epoch that :func:`choose` takes, ``best``,
        over all epochs (chosen with target labels, hence an oracle), None
        where the target has no labels: each as of :func:`numbers`, with the
        ``epochs`` that they are of; ``interval`` of top-1 over the test
        videos, ``test_list``, its labels, both None where no predictions were
        kept; ``curve``, see :func:`_curve`.

    Raises:
        ValueError: If a training was never validated.
    """
    runs = [read_validations(d) for d in work_dirs]
    for folder, found in zip(work_dirs, runs):
        if not found:
            raise ValueError(f'{folder!r}: no epoch was validated.')
    kept = last_predictions(work_dirs)
    epochs: Dict[str, List[Optional[int]]] = dict(
        top1=[max(run) for run in runs],
        mean_class=[max(run) for run in runs],
        chosen=[choose(run) for run in runs],
        best=[max(run, key=lambda e: run[e].get(TOP1, -1)) for run in runs],
    )
    result: Facts = dict(
        seeds=[run.seed for run in kept] or [*map(_seed, work_dirs)],
        work_dirs=[*work_dirs],
        interval=_interval(accuracy(kept)),
        test_list=kept[0].labels if kept else None,
        curve=_curve(runs),
    )
    for name, taken in epochs.items():
        metric = MEAN_CLASS if name == 'mean_class' else TOP1
        values = [
            100 * run[epoch][metric]
            if epoch is not None and metric in run[epoch]
            else None
            for run, epoch in zip(runs, taken)
        ]
        result[name] = dict(numbers(values), epochs=taken)
    return result


def last_predictions(work_dirs: Sequence[str]) -> List[Predictions]:
    """Those after the last epoch, none unless all trainings have some.

    Without labels there is nothing to compare them with: none, too.

    Args:
        work_dirs (Sequence[str]): One finished training each.
    """
    found = [[*read_predictions(d).values()][-1:] for d in work_dirs]
    known = all(max(run.labels) >= 0 for runs in found for run in runs)
    return sum(found, []) if all(found) and known else []


def paired(
    work_dirs: Sequence[str], others: Sequence[str]
) -> Optional[Dict[str, Any]]:
    """Top-1 of a method less that of another, with its interval.

    Returns:
        dict, optional: ``mean``, ``low`` and ``high`` in points, ``clear``
        if zero is outside; None without a common seed and list.
    """
    found = difference(last_predictions(work_dirs), last_predictions(others))
    ends = _interval(found)
    if found is None or ends is None:
        return None
    return dict(mean=100 * found.mean, **ends, clear=found.excludes_zero)


def share(
    mean: Optional[float], low: Optional[float], high: Optional[float]
) -> Optional[float]:
    """Percent of the gap between two bounds that is closed."""
    if mean is None or low is None or high is None or high <= low:
        return None
    return 100 * (mean - low) / (high - low)


def read_costs(work_dir: str) -> Dict[str, float]:
    """What a training of tools/run_grid.py took.

    Args:
        work_dir (str): Holds ``finished`` and ``weights.safetensors``.

    Returns:
        dict: ``minutes`` from start to end, and ``parameters``, those that
        were learnt, in thousands.
    """
    with open(join(work_dir, 'finished')) as file:
        seconds = float(file.read().split()[0])
    training = read_notes(join(work_dir, 'weights.safetensors'), ['learnt'])
    return dict(minutes=seconds / 60, parameters=training['learnt'] / 1000)


def _interval(found: Optional[Interval]) -> Optional[Dict[str, float]]:
    return found and dict(low=100 * found.low, high=100 * found.high)


def _curve(runs: List[Dict[int, Dict[str, float]]]) -> Facts:
    """Of the epochs that all seeds validated, a row of percent for each seed.

    ``target``: top-1 on the target's test videos; ``source``: on the
    source's, empty where that was not measured.
    """
    epochs = sorted(set.intersection(*map(set, runs)))
    names = dict(target=TOP1, source=f'{PREFIX}/source_acc')
    rows = {
        domain: [[100 * run[e][name] for e in epochs] for run in runs]
        if all(name in run[e] for run in runs for e in epochs)
        else []
        for domain, name in names.items()
    }
    return dict(epochs=epochs, **rows)


def _seed(work_dir: str) -> Optional[int]:
    """By the name of the folder."""
    found = re.fullmatch(r'seed(\d+)', basename(work_dir))
    return int(found[1]) if found else None
