"""Where the videos of both domains lie, and how far these are apart."""

from functools import partial
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np

from .style import COLOURS, MARKERS, Panel, looks

SIZE = 12  # of a point
DOT = dict(alpha=0.7, lw=0)
LISTED = 24  # classes, at most, in a legend
# Of the domains: colour and marker.
DOMAINS = dict(source=(COLOURS[0], 'o'), target=(COLOURS[1], '^'))


def embedding(facts: Dict[str, Any]) -> List[Panel]:
    """Test videos by domain and by class, before and behind the encoders."""
    names = [str(c) for c in (facts['task'] or {}).get('classes', ())]
    panels = []
    for what, found in _embeddings(facts):
        draws = dict(domain=_by_domain, **{'class': partial(_by_class, names)})
        for by, draw in draws.items():
            title = f'{what} by {by}'
            note = f'{found["by"]} of {what}: test videos by {by}'
            panels.append(
                Panel(note, partial(_draw, draw, found, title), 5.0, 4.4)
            )
    return panels


def _embeddings(facts: Dict[str, Any]) -> Iterator[Tuple[str, Dict[str, Any]]]:
    models = facts['models']
    before = facts['before'].values()
    for found in before:
        of = '' if len(before) == 1 else f' of {", ".join(found["methods"])}'
        yield f'backbone tokens{of}', found
    for name, model in models.items():
        yield f'encoder of {name}', model['embedding']


def _draw(draw: Any, found: Dict[str, Any], title: str, figure: Any) -> None:
    axes = figure.subplots()
    draw(axes, found)
    axes.set(title=title, xticks=[], yticks=[])
    axes.set(xlabel=f'{found["by"]} 1', ylabel=f'{found["by"]} 2')


def _by_domain(axes: Any, found: Dict[str, Any]) -> None:
    points, domains = np.array(found['points']), np.array(found['domains'])
    for domain, (colour, marker) in DOMAINS.items():
        x, y = points[domains == domain].T
        if len(x):
            axes.scatter(
                x, y, SIZE, colour, marker=marker, label=domain, **DOT
            )
    _legend(axes)


def _by_class(names: List[str], axes: Any, found: Dict[str, Any]) -> None:
    """Each of 36 classes has a colour and a marker of its own."""
    points, labels = np.array(found['points']), np.array(found['labels'])
    shown = np.unique(labels)
    for label in shown:
        turn, place = divmod(int(label), len(COLOURS))
        marker = MARKERS[(place + turn) % len(MARKERS)]
        name = names[label] if 0 <= label < len(names) else str(label)
        axes.scatter(
            *points[labels == label].T,
            SIZE,
            COLOURS[place],
            marker=marker,
            label=name,
            **DOT,
        )
    if len(shown) <= LISTED:
        _legend(axes)


def _legend(axes: Any) -> None:
    axes.figure.legend(
        loc='outside lower center', ncols=4, markerscale=1.5, fontsize=8
    )


def distances(facts: Dict[str, Any]) -> List[Panel]:
    """A-distance and squared MMD of the domains, layer by layer."""
    known = {
        name: model['distances']
        for name, model in facts['models'].items()
        if model['distances']
    }
    measures = dict(
        a_distance=('proxy A-distance', (0, 2.05)),
        mmd=('squared MMD', (0, None)),
    )
    return [
        Panel(
            f'{label} of the test videos of both domains, layer by layer',
            partial(_draw_distances, facts, known, measure, label, limits),
        )
        for measure, (label, limits) in measures.items()
        if known
    ]


def _draw_distances(
    facts: Dict[str, Any],
    known: Dict[str, List[Dict[str, Any]]],
    measure: str,
    label: str,
    limits: Tuple,
    figure: Any,
) -> None:
    axes, styles = figure.subplots(), looks(facts)
    layers = dict.fromkeys(
        row['layer'] for rows in known.values() for row in rows
    )
    places = {layer: i for i, layer in enumerate(layers)}
    for name, rows in known.items():
        x = [places[row['layer']] for row in rows]
        y = [row[measure] for row in rows]
        axes.plot(x, y, ms=5, label=name, **styles[name])
    axes.set_xticks([*places.values()], [*places], rotation=20)
    axes.set(xlabel='layer', ylabel=label, ylim=limits)
    axes.grid(alpha=0.3)
    figure.legend(loc='outside upper center', ncols=2)
