"""Accuracies that trainings wrote into their work directories."""

import json
from glob import glob
from os.path import join
from typing import Dict, List

import numpy as np
from safetensors import safe_open

TOP1, MEAN_CLASS = 'acc/top1', 'acc/mean1'


def read_accuracies(work_dir: str) -> Dict[int, Dict[str, float]]:
    """Validation results of a training, also of a resumed one.

    Args:
        work_dir (str): Holds ``<time>/vis_data/scalars.json``.

    Returns:
        dict: ``{epoch: {'acc/top1': ..., 'acc/mean1': ...}}``, in [0, 1].
    """
    epochs = {}
    for file in sorted(glob(join(work_dir, '*', 'vis_data', 'scalars.json'))):
        for line in open(file):
            values = json.loads(line)
            if TOP1 in values:
                epochs[values['step']] = {
                    k: values[k] for k in (TOP1, MEAN_CLASS)
                }
    return dict(sorted(epochs.items()))


def summarise(work_dirs: List[str]) -> Dict[str, List[float]]:
    """Last and best accuracies, in percent, of several seeds.

    Args:
        work_dirs (list[str]): One finished training each.

    Returns:
        dict: ``top1`` and ``mean_class`` at the last epoch, ``best`` top-1
        over all epochs (chosen with target labels, hence an oracle).
    """
    runs = [list(read_accuracies(d).values()) for d in work_dirs]
    for folder, epochs in zip(work_dirs, runs):
        if not epochs:
            raise ValueError(f'{folder!r}: no epoch was validated.')
    return dict(
        top1=[100 * r[-1][TOP1] for r in runs],
        mean_class=[100 * r[-1][MEAN_CLASS] for r in runs],
        best=[100 * max(e[TOP1] for e in r) for r in runs],
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
    """``mean ± std`` (sample), or the value alone for a single seed."""
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
    head = ['method', 'seeds', 'top-1', 'mean-class', 'best epoch (oracle)']
    rows = [
        [m, str(len(r['top1']))]
        + [mean_std(r[k]) for k in ('top1', 'mean_class', 'best')]
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
