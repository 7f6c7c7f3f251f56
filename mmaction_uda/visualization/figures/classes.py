"""Classes: what they are taken for, and what adaptation gains for each."""

from functools import partial
from typing import Any, Dict, List

import numpy as np

from .style import INK, Panel, looks

NUMBERED = 20  # classes, up to which cells hold their numbers


def confusion(facts: Dict[str, Any]) -> List[Panel]:
    """A matrix for each method, a row for each true class."""
    side = 3.2 + 0.1 * min(len(_names(facts)), 30)
    return [
        Panel(
            f'{name}: true and predicted classes, % of each true class',
            partial(_draw_confusion, facts=facts, name=name),
            5.0,
            side,
        )
        for name, method in facts['methods'].items()
        if method['confusion']
    ]


def _names(facts: Dict[str, Any]) -> List[str]:
    return [str(c) for c in (facts['task'] or {}).get('classes', ())]


def _draw_confusion(figure: Any, facts: Dict[str, Any], name: str) -> None:
    axes, names = figure.subplots(), _names(facts)
    counts = np.array(facts['methods'][name]['confusion']['counts'])
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    image = axes.imshow(shares, 'Blues', vmin=0, vmax=100)
    if len(names) <= NUMBERED:
        for (i, j), value in np.ndenumerate(shares):
            if value >= 0.5:
                colour = 'white' if value > 50 else 'black'
                axes.text(
                    j, i, f'{value:.0f}', ha='center', va='center',
                    color=colour, size=7,
                )  # fmt: skip
    places = range(len(names))
    axes.set_xticks(places, names, rotation=45, ha='right', size=8)
    axes.set_yticks(places, names, size=8)
    axes.set(xlabel='predicted', ylabel='true', title=name)
    bar = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label('% of the true class')


def class_gains(facts: Dict[str, Any]) -> List[Panel]:
    """Gain of each class over the lower bound, a mark for each method."""
    methods = {
        name: method['gains']
        for name, method in facts['methods'].items()
        if method['gains'] and name != facts['lower']
    }
    if not methods:
        return []
    height = 1.2 + 0.3 * len(_names(facts))
    draw = partial(_draw_gains, facts=facts, methods=methods)
    title = f'Gain of each class over {facts["lower"]}, points of recall'
    return [Panel(title, draw, 5.0, height)]


def _draw_gains(
    figure: Any, facts: Dict[str, Any], methods: Dict[str, List]
) -> None:
    axes, names = figure.subplots(), _names(facts)
    places = np.arange(len(names))
    axes.axvline(0, color=INK, lw=1)
    styles = looks(facts)
    for i, (name, gains) in enumerate(methods.items()):
        shift = 0.5 * ((i + 0.5) / len(methods) - 0.5)
        values = np.array(gains, float)  # None is NaN
        style = {**styles[name], 'ls': ''}
        axes.plot(values, places + shift, ms=5, label=name, **style)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.grid(axis='x', alpha=0.3)
    axes.set_xlabel(f'recall less that of {facts["lower"]}, points')
    figure.legend(loc='outside upper center', ncols=2)
