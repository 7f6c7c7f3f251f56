"""Accuracy over epochs."""

from functools import partial
from typing import Any, Dict, List, Sequence

import numpy as np

from .style import INK, Panel, looks

GAP = 5  # between labels, in points of accuracy


def curves(facts: Dict[str, Any]) -> List[Panel]:
    """Top-1 on the test videos of the target, and of the source if known."""
    methods = facts['methods'].values()
    known = [
        domain
        for domain in ('target', 'source')
        if any(method['curve'][domain] for method in methods)
    ]
    return [
        Panel(
            f'Top-1 on the {domain} test videos over epochs',
            partial(_draw, facts=facts, domain=domain),
        )
        for domain in known
    ]


def _draw(figure: Any, facts: Dict[str, Any], domain: str) -> None:
    """One line a method, the mean over its seeds; they lie in the band."""
    axes = figure.subplots()
    methods = {n: m for n, m in facts['methods'].items() if m['curve'][domain]}
    styles, ends = looks(facts), {}
    for name, method in methods.items():
        epochs = method['curve']['epochs']
        rows = np.array(method['curve'][domain])
        (ends[name],) = axes.plot(epochs, rows.mean(0), ms=4, **styles[name])
        if len(rows) > 1:
            low, high = rows.min(0), rows.max(0)
            colour = ends[name].get_color()
            axes.fill_between(
                epochs, low, high, color=colour, alpha=0.15, lw=0
            )
    chances = {one['chance'] for one in facts['lists']}
    if domain == 'target' and len(chances) == 1:
        line = axes.axhline(chances.pop(), color=INK, ls=':', lw=1)
        ends['chance'] = line
    axes.set(xlabel='epoch', ylabel=f'top-1 on the {domain} test videos, %')
    axes.set(xlim=(0, None), ylim=(0, 100))
    axes.grid(alpha=0.3)
    _label_ends(axes, ends)


def _label_ends(axes: Any, lines: Dict[str, Any]) -> None:
    """Write names and last values to the right of lines."""
    ends = [float(np.asarray(line.get_ydata())[-1]) for line in lines.values()]
    for name, end, place in zip(lines, ends, apart(ends, GAP)):
        axes.annotate(
            f'{name} {end:.1f}',
            (1, place),
            (4, 0),
            xycoords=('axes fraction', 'data'),
            textcoords='offset points',
            va='center',
            size=8,
            color=lines[name].get_color(),
            annotation_clip=False,
        )


def apart(values: Sequence[float], gap: float) -> np.ndarray:
    """The same, moved so that none is nearer to another than a gap.

    Args:
        values (Sequence[float]): Numbers; their order is kept.
        gap (float): The gap. The largest does not grow, so that nothing
            leaves a picture at its top.
    """
    places = np.array(values, float)
    order = places.argsort(kind='stable')[::-1]
    for above, below in zip(order, order[1:]):
        places[below] = min(places[below], places[above] - gap)
    return places
