"""Accuracies that trainings wrote into their work directories."""

import json
import math
from glob import glob
from os.path import basename, join
from typing import Dict, Iterator, List, Optional, Sequence

import numpy as np
from safetensors import safe_open

from ..evaluation import (
    DEFAULT,
    MEAN_CLASS,
    OF_TRAININGS,
    PREFIX,
    TOP1,
    alarm_lines,
    choose,
    is_oracle,
    read_history,
    read_validations,
)


def summarise(work_dirs: List[str]) -> Dict[str, List[float]]:
    """Accuracies, in percent, of several seeds.

    Args:
        work_dirs (list[str]): One finished training each.

    Returns:
        dict: ``top1`` and ``mean_class`` at the last epoch; ``chosen``, top-1
        at the epoch that :func:`choose` takes, NaN where no score tells;
        ``best`` top-1 over all epochs (chosen with target labels, hence an
        oracle).
    """
    runs = [read_validations(d) for d in work_dirs]
    for folder, epochs in zip(work_dirs, runs):
        if not epochs:
            raise ValueError(f'{folder!r}: no epoch was validated.')
    last = [list(epochs.values())[-1] for epochs in runs]
    chosen = [epochs.get(choose(epochs) or 0, {}) for epochs in runs]
    return dict(
        top1=[100 * values[TOP1] for values in last],
        mean_class=[100 * values[MEAN_CLASS] for values in last],
        chosen=[100 * values.get(TOP1, math.nan) for values in chosen],
        best=[100 * max(v[TOP1] for v in r.values()) for r in runs],
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
    with safe_open(join(work_dir, 'weights.safetensors'), 'pt') as stored:
        training = json.loads(stored.metadata()['training'])
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


def markdown_table(
    methods: Dict[str, List[str]], bounds=None, costs: bool = False
) -> str:
    """One row a method.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        bounds (tuple[str, str], optional): Names of the lower and the upper
            bound; adds the share of the gap between them that is closed.
        costs (bool): Add those of :func:`read_costs`. Defaults to False.

    Returns:
        str: A Markdown table, accuracies in percent.
    """
    results = {m: summarise(dirs) for m, dirs in methods.items()}
    head = ['method', 'seeds', 'top-1', 'mean-class']
    head += [f'epoch chosen by {DEFAULT}', 'best epoch (oracle)']
    rows = [
        [m, str(len(r['top1']))]
        + [mean_std(r[k]) for k in ('top1', 'mean_class', 'chosen', 'best')]
        for m, r in results.items()
    ]
    if bounds is not None:
        head.append('share of the gap')
        low, high = (np.mean(results[b]['top1']) for b in bounds)
        for row, result in zip(rows, results.values()):
            share = (np.mean(result['top1']) - low) / (high - low)
            row.append(f'{100 * share:.0f} %')
    if costs:
        head += ['minutes', 'learnt parameters, thousands']
        for row, dirs in zip(rows, methods.values()):
            spent = [read_costs(d) for d in dirs]
            row.append(f'{np.mean([c["minutes"] for c in spent]):.1f}')
            row.append(f'{spent[0]["parameters"]:.0f}')
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


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
