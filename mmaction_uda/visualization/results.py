"""Accuracies that trainings wrote into their work directories."""

import math
from os.path import join
from typing import Dict, Iterable, List, Optional, Sequence

import numpy as np

from ..checkpoints import read_notes
from ..evaluation import (
    DEFAULT,
    MEAN_CLASS,
    TOP1,
    Interval,
    Predictions,
    accuracy,
    choose,
    difference,
    read_predictions,
    read_validations,
)

# Of a table: what of summarise() stands under which name.
COLUMNS = {
    'top-1': 'top1',
    'mean-class': 'mean_class',
    f'epoch chosen by {DEFAULT}': 'chosen',
    'best epoch (oracle)': 'best',
}
NO_LABELS = 'The target has no labels: no accuracy is known.'


def summarise(work_dirs: List[str]) -> Dict[str, List[float]]:
    """Accuracies, in percent, of several seeds.

    Args:
        work_dirs (list[str]): One finished training each.

    Returns:
        dict: ``top1`` and ``mean_class`` at the last epoch; ``chosen``, top-1
        at the epoch that :func:`choose` takes, NaN where no score tells;
        ``best`` top-1 over all epochs (chosen with target labels, hence an
        oracle). NaN where the target has no labels.
    """
    runs = [read_validations(d) for d in work_dirs]
    for folder, epochs in zip(work_dirs, runs):
        if not epochs:
            raise ValueError(f'{folder!r}: no epoch was validated.')
    last = [list(epochs.values())[-1] for epochs in runs]
    chosen = [epochs.get(choose(epochs) or 0, {}) for epochs in runs]
    return dict(
        top1=[100 * values.get(TOP1, math.nan) for values in last],
        mean_class=[100 * values.get(MEAN_CLASS, math.nan) for values in last],
        chosen=[100 * values.get(TOP1, math.nan) for values in chosen],
        best=[
            100 * max(v.get(TOP1, math.nan) for v in r.values()) for r in runs
        ],
    )


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


def mean_std(values: List[float]) -> str:
    """``mean ± std`` (sample), the value of a single seed, – for none."""
    if np.isnan(values).any():
        return '–'
    text = f'{np.mean(values):.1f}'
    return (
        text
        if len(values) == 1
        else (f'{text} ± {np.std(values, ddof=1):.1f}')
    )


def last_predictions(work_dirs: List[str]) -> List[Predictions]:
    """Those after the last epoch, none unless all trainings have some.

    Without labels there is nothing to compare them with: none, too.

    Args:
        work_dirs (list[str]): One finished training each.
    """
    found = [[*read_predictions(d).values()][-1:] for d in work_dirs]
    known = all(max(run.labels) >= 0 for runs in found for run in runs)
    return sum(found, []) if all(found) and known else []


def markdown_table(
    methods: Dict[str, List[str]],
    bounds: Optional[Sequence[str]] = None,
    costs: bool = False,
    versus: Sequence[str] = (),
) -> str:
    """One row a method, above them what is known of the test list.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        bounds (Sequence[str], optional): Names of the lower and the upper
            bound; adds the share of the gap between them that is closed, and
            the difference to the lower.
        costs (bool): Add those of :func:`read_costs`. Defaults to False.
        versus (Sequence[str]): Names of methods; adds the difference to each.

    Returns:
        str: A Markdown table, accuracies in percent.
    """
    results = {m: summarise(dirs) for m, dirs in methods.items()}
    kept = {m: last_predictions(dirs) for m, dirs in methods.items()}
    columns = dict(method=list(methods))
    columns['seeds'] = [str(len(dirs)) for dirs in methods.values()]
    for title, key in COLUMNS.items():
        columns[title] = [mean_std(r[key]) for r in results.values()]
    for row, runs in enumerate(kept.values()):
        columns['top-1'][row] += _brackets(accuracy(runs))
    if bounds is not None:
        columns['share of the gap'] = _shares(results, *bounds)
    for other in [*(bounds or ())[:1], *versus]:
        columns[f'difference to {other}'] = [
            _signed(difference(runs, kept[other])) for runs in kept.values()
        ]
    if costs:
        columns |= _costs(methods)
    lines = [list(columns), ['---'] * len(columns), *zip(*columns.values())]
    table = '\n'.join(f'| {" | ".join(line)} |' for line in lines)
    if np.isnan(sum((r['top1'] for r in results.values()), [])).all():
        return f'{NO_LABELS}\n\n{table}'
    return _test_lists(kept.values()) + table


def _shares(
    results: Dict[str, Dict[str, List[float]]], lower: str, upper: str
) -> List[str]:
    """How much of the gap between two methods each closes."""
    means = {m: np.mean(r['top1']) for m, r in results.items()}
    low, high = means[lower], means[upper]
    return [f'{100 * (x - low) / (high - low):.0f} %' for x in means.values()]


def _costs(methods: Dict[str, List[str]]) -> Dict[str, List[str]]:
    """Columns of minutes and parameters."""
    spent = [[read_costs(d) for d in dirs] for dirs in methods.values()]
    means = [np.mean([one['minutes'] for one in same]) for same in spent]
    return {
        'minutes': [f'{mean:.1f}' for mean in means],
        'learnt parameters, thousands': [
            f'{same[0]["parameters"]:.0f}' for same in spent
        ],
    }


def _test_lists(kept: Iterable[List[Predictions]]) -> str:
    """A paragraph for each test list, usually one."""
    lists = {run.labels: run.chance for runs in kept for run in runs}
    return ''.join(
        f'{len(labels)} test videos, chance {100 * chance:.1f} % (largest '
        'class of the test list). In brackets: 95 % intervals over these '
        'videos, bold where a difference excludes 0.\n\n'
        for labels, chance in lists.items()
    )


def _brackets(found: Optional[Interval], sign: str = '') -> str:
    """`` [low, high]`` in percent, empty for none."""
    if found is None:
        return ''
    low, high = (f'{100 * x:{sign}.1f}' for x in (found.low, found.high))
    return f' [{low}, {high}]'


def _signed(found: Optional[Interval]) -> str:
    """``mean [low, high]`` of a difference in percent, – for none."""
    if found is None:
        return '–'
    text = f'{100 * found.mean:+.1f}{_brackets(found, "+")}'
    return f'**{text}**' if found.excludes_zero else text
