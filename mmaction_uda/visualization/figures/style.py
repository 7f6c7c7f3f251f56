"""How figures look, on a page and in a paper."""

import html
import io
import re
from contextlib import contextmanager
from os.path import splitext
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import matplotlib
from matplotlib.figure import Figure

# Okabe and Ito, without yellow, which is pale on paper, and black.
COLOURS = '#0072B2 #D55E00 #009E73 #CC79A7 #56B4E9 #E69F00'.split()
MARKERS = 'o^sDvP'
INK = '#010203'  # of text and axes; a page puts its own colour in its place
GREY = '#808080'  # seen on light and on dark
DPI = 300
ENDINGS = ('.png', '.svg', '.pdf')
COLUMNS = 2  # of a figure with many panels
STYLE: Any = {
    'axes.edgecolor': INK,
    'axes.labelcolor': INK,
    'axes.spines.right': False,
    'axes.spines.top': False,
    'axes.titlesize': 10,
    'figure.facecolor': 'none',
    'axes.facecolor': 'none',
    'font.size': 9,
    'legend.frameon': False,
    'savefig.facecolor': 'none',
    'svg.fonttype': 'none',  # text stays text
    'pdf.fonttype': 42,
    'svg.hashsalt': 'mmaction_uda',
    'text.color': INK,
    'xtick.color': INK,
    'ytick.color': INK,
}
# Without them a file says when and by what it was made.
NO_NOTES = dict.fromkeys(('Creator', 'Date', 'Format', 'Type'))
_DECIMALS = re.compile(r'(\d\.\d\d)\d+')


class Panel(NamedTuple):
    """A picture of its own, or one of several in a figure.

    Args:
        title (str): What it shows, also for those who do not see it.
        draw (Callable): Takes an empty figure, or a part of one.
        width (float): In inches.
        height (float): In inches.
    """

    title: str
    draw: Callable[[Any], None]
    width: float = 5.0
    height: float = 3.4


@contextmanager
def styled() -> Iterator[None]:
    """Draw in this style."""
    with matplotlib.rc_context(STYLE):
        yield


def looks(facts: Dict[str, Any]) -> Dict[str, Dict[str, Any]]:
    """Colour, marker and line of each method, the same in all figures.

    Bounds are grey, the lower dashed.
    """
    bounds = {
        facts['upper']: dict(color=GREY, marker='x', ls='-.'),
        facts['lower']: dict(color=GREY, marker='+', ls='--'),
    }
    methods = [name for name in facts['methods'] if name not in bounds]
    coloured = {
        name: dict(
            color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            ls='-' if i < len(COLOURS) else ':',
        )
        for i, name in enumerate(methods)
    }
    return {name: {**bounds, **coloured}[name] for name in facts['methods']}


def drawn(panels: List[Panel]) -> Figure:
    """All panels in one figure."""
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // columns)
    width = max(panel.width for panel in panels)
    heights = [
        max(panel.height for panel in panels[i * columns : (i + 1) * columns])
        for i in range(rows)
    ]
    with styled():
        figure = Figure((columns * width, sum(heights)), layout='constrained')
        parts = figure.subfigures(
            rows, columns, squeeze=False, height_ratios=heights
        )
        for part, panel in zip(parts.flat, panels):
            panel.draw(part)
    return figure


def save(panels: List[Panel], out_file: str) -> None:
    """Write panels as one picture.

    Args:
        panels (list[Panel]): What to draw.
        out_file (str): Ends in one of :data:`ENDINGS`: a bitmap of 300 dots
            an inch, or a picture of lines and letters.
    """
    figure = drawn(panels)
    with styled(), matplotlib.rc_context({'savefig.facecolor': 'white'}):
        if splitext(out_file)[1] == '.svg':
            with open(out_file, 'w', encoding='utf-8') as file:
                file.write(_svg(figure))
        else:
            figure.savefig(out_file, dpi=DPI)


def inline_svg(panel: Panel, name: str) -> str:
    """A panel inside of a page, in the page's colour of text.

    Args:
        panel (Panel): What to draw.
        name (str): Before all its ids, which are then those of no other.
    """
    figure = drawn([panel])
    with styled():
        text = _svg(figure)
    text = text[text.index('<svg') :].replace(INK, 'currentColor')
    text = re.sub(r'\b(id=")', rf'\1{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf'\1{name}-', text)
    text = re.sub(r'>\s+<', '><', text)
    # In attributes, hundredths of a point are enough.
    text = re.sub(r'="[^"]*"', lambda x: _DECIMALS.sub(r'\1', x[0]), text)
    label = f'<svg role="img" aria-label="{html.escape(panel.title)}"'
    return text.replace('<svg', label, 1)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    figure.savefig(out, format='svg', metadata=NO_NOTES)
    return out.getvalue()
