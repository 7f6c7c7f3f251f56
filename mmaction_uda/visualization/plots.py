"""Pictures: accuracy over epochs, frames and their weights."""

from os.path import basename, splitext
from typing import Any, Dict, List, Sequence

import matplotlib

matplotlib.use('Agg')

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from ..evaluation import TOP1, read_validations  # noqa: E402
from ..evaluation.alarms import UNIFORM  # noqa: E402
from .attention import Attention, flat_attention  # noqa: E402

THUMBNAILS, COLUMNS = 16, 4  # of a video
GAP = 5  # between labels, in points of accuracy


def plot_curves(
    methods: Dict[str, List[str]],
    bounds: Sequence[str],
    chance: float,
    title: str,
    out_file: str,
) -> None:
    """Target accuracy over epochs, one line a method, mean over seeds.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        bounds (Sequence[str]): Those of the methods that are no methods but
            bounds; they are grey and dashed.
        chance (float): Accuracy by chance, in percent.
        title (str): Above the picture.
        out_file (str): The picture, ``.png``; an ``.svg`` lies beside it.
    """
    figure, axes = plt.subplots(figsize=(8, 5), layout='constrained')
    ends = {}
    for name, work_dirs in methods.items():
        runs = [read_validations(d) for d in work_dirs]
        epochs = sorted(set.intersection(*map(set, runs)))
        curves = np.array([[100 * r[e][TOP1] for e in epochs] for r in runs])
        bound: Dict[str, Any] = dict(color='0.5', ls='--', zorder=1)
        style = bound if name in bounds else dict(marker='o', ms=4)
        (ends[name],) = axes.plot(epochs, curves.mean(0), **style)
        if len(runs) > 1:
            axes.fill_between(
                epochs,
                curves.min(0),
                curves.max(0),
                color=ends[name].get_color(),
                alpha=0.15,
                lw=0,
            )
    ends['chance'] = axes.axhline(chance, color='k', ls=':', lw=1)
    axes.set(xlabel='epoch', ylabel='top-1 on the target test set, %')
    axes.set(xlim=(0, None), ylim=(0, 100), title=title)
    axes.grid(alpha=0.3)
    _label_ends(axes, ends)
    figure.savefig(out_file, dpi=120)
    figure.savefig(f'{splitext(out_file)[0]}.svg')
    plt.close(figure)


def _label_ends(axes: plt.Axes, lines: Dict[str, plt.Line2D]) -> None:
    """Write names and last values to the right of lines."""
    ends = [float(np.asarray(line.get_ydata())[-1]) for line in lines.values()]
    for name, end, place in zip(lines, ends, apart(ends, GAP)):
        axes.annotate(
            f'{name} {end:.1f}',
            (1, place),
            (6, 0),
            xycoords=('axes fraction', 'data'),
            textcoords='offset points',
            va='center',
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


def plot_attention(found: Dict[str, Attention], out_file: str) -> None:
    """Frames of a video of each domain, their weights, all spreads.

    Args:
        found (dict): Of :func:`frame_attention`.
        out_file (str): The picture.
    """
    figure = plt.figure(figsize=(5.5 * len(found), 10), layout='constrained')
    halves = figure.subfigures(2, 1, squeeze=False, height_ratios=[5, 1])
    top, bottom = halves[:, 0]
    parts = top.subfigures(1, len(found), squeeze=False)[0]
    # The domains share a scale.
    highest = max(video.weights.max() for video in found.values())
    for part, (domain, video) in zip(parts, found.items()):
        _draw_video(part, domain, video, 1.1 * highest)
    spreads = found['target'].spreads
    _draw_spreads(bottom.subplots(), spreads)
    figure.suptitle(
        flat_attention(spreads)
        or 'Weights that MDTA gives frames: the test '
        'videos in which they spread most'
    )
    figure.savefig(out_file, dpi=110)
    plt.close(figure)


def _draw_video(figure, domain: str, video: Attention, top: float) -> None:
    """Thumbnails, and a bar for the weight of each frame."""
    total, spread = len(video.weights), video.spreads.max()
    number = min(total, THUMBNAILS)
    shown = (2 * np.arange(number) + 1) * total // (2 * number)
    rows = -(-number // COLUMNS)
    grid = figure.add_gridspec(
        rows + 1, COLUMNS, height_ratios=[1] * rows + [1.2]
    )
    # None is the heaviest where all are alike.
    marked = video.weights.argmax() if spread >= UNIFORM else None
    colours = ['C1' if i == marked else 'C0' for i in range(total)]
    for place, i in enumerate(shown):
        axes = figure.add_subplot(grid[divmod(place, COLUMNS)])
        axes.imshow(video.frames[i])
        axes.axis('off')
        colour = 'C1' if i == marked else 'k'
        axes.set_title(f'frame {video.numbers[i]}', color=colour, size=10)
    axes = figure.add_subplot(grid[rows, :])
    axes.bar(range(total), video.weights, color=colours)
    axes.axhline(1 / total, color='k', ls='--', lw=1, label='plain mean')
    axes.set_xticks(shown, video.numbers[shown])
    axes.set(xlabel='frame', ylabel='weight')
    axes.set(xlim=(-0.5, total - 0.5), ylim=(0, top))
    # Above the axes: a bar may be anywhere inside.
    axes.legend(loc='lower right', bbox_to_anchor=(1, 0.95), frameon=False)
    figure.suptitle(
        f'{domain}: {basename(video.name)}, spread {spread:.2f}\n'
        f'true {video.label}, predicted {video.predicted}'
    )


def _draw_spreads(axes: plt.Axes, spreads: np.ndarray) -> None:
    """Histogram of a list, with the spread below which it is flat."""
    top = max(1.05 * spreads.max(), 2 * UNIFORM)
    axes.hist(spreads, bins=40, range=(0, top), color='C0')
    axes.axvline(
        UNIFORM, color='k', ls='--', lw=1, label=f'{UNIFORM}: below, flat'
    )
    axes.set(
        xlim=(0, top),
        xlabel='spread: standard deviation of the weights over frames × their '
        'number',
        ylabel=f'videos of {len(spreads)}',
        title='all target test videos',
    )
    axes.legend(loc='upper right')
