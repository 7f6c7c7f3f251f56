"""Frames of videos and what MDTA gives them."""

from functools import partial
from os.path import basename
from typing import Any, Dict, List

import numpy as np

from ...evaluation.alarms import UNIFORM
from .style import COLOURS, INK, Panel

THUMBNAILS, ROW = 16, 4  # of a video
SMALL = 96  # pixels of a frame
PLAIN, HEAVIEST = COLOURS[:2]


def attention(facts: Dict[str, Any]) -> List[Panel]:
    """For each method with MDTA the source's video, the target's, a histogram.

    The videos are those whose weights spread most.
    """
    panels = []
    for name, model in facts['models'].items():
        found = model['attention']
        if not found:
            continue
        # The domains share a scale.
        top = 1.1 * max(video['weights'].max() for video in found.values())
        for domain in ('source', 'target'):
            if domain in found:
                shown = found[domain]['frames'] is not None
                panels.append(
                    Panel(
                        f'{name}: weights of the frames of a {domain} video',
                        partial(_draw_video, name, domain, found[domain], top),
                        5.0,
                        6.8 if shown else 2.4,
                    )
                )
        panels.append(
            Panel(
                f'{name}: spread of the weights in all target test videos',
                partial(_draw_spreads, name, found['target']['spreads']),
                5.0,
                2.4,
            )
        )
    return panels


def _draw_video(
    method: str, domain: str, video: Dict[str, Any], top: float, figure: Any
) -> None:
    """Thumbnails, if there are frames, and a bar for each weight."""
    weights, numbers, frames = (
        video[key] for key in ('weights', 'numbers', 'frames')
    )
    total, spread = len(weights), video['spreads'].max()
    number = min(total, THUMBNAILS)
    shown = (2 * np.arange(number) + 1) * total // (2 * number)
    rows = 0 if frames is None else -(-number // ROW)
    grid = figure.add_gridspec(rows + 1, ROW, height_ratios=[1] * rows + [1.4])
    # None is the heaviest where all are alike.
    marked = weights.argmax() if spread >= UNIFORM else None
    # What is small stays as it is, pixel by pixel.
    small = rows and frames.shape[1] <= SMALL
    drawn = 'none' if small else None
    for place, i in enumerate(shown if rows else ()):
        axes = figure.add_subplot(grid[divmod(place, ROW)])
        axes.imshow(frames[i], interpolation=drawn)
        axes.axis('off')
        colour = HEAVIEST if i == marked else INK
        axes.set_title(f'frame {numbers[i]}', color=colour, size=8)
    axes = figure.add_subplot(grid[rows, :])
    colours = [HEAVIEST if i == marked else PLAIN for i in range(total)]
    axes.bar(range(total), weights, color=colours)
    axes.axhline(1 / total, color=INK, ls='--', lw=1, label='plain mean')
    axes.set_xticks(shown, numbers[shown], size=7)
    unit = 'frame of the video' if rows else 'stored time step of the video'
    axes.set(xlabel=unit, ylabel='weight')
    axes.set(xlim=(-0.5, total - 0.5), ylim=(0, top))
    # Above the axes: a bar may be anywhere inside.
    axes.legend(loc='lower right', bbox_to_anchor=(1, 0.95))
    figure.suptitle(
        f'{method}, {domain}: {basename(video["name"])}, spread {spread:.2f}\n'
        f'true {video["label"]}, predicted {video["predicted"]}',
        size=10,
    )


def _draw_spreads(method: str, spreads: np.ndarray, figure: Any) -> None:
    """Histogram of a list, with the spread below which it is flat."""
    axes = figure.subplots()
    top = max(1.05 * spreads.max(), 2 * UNIFORM)
    axes.hist(spreads, bins=40, range=(0, top), color=PLAIN)
    axes.axvline(
        UNIFORM, color=INK, ls='--', lw=1, label=f'{UNIFORM}: below, flat'
    )
    axes.set(
        xlim=(0, top),
        xlabel='spread: deviation of the weights × number of frames',
        ylabel=f'videos of {len(spreads)}',
        title=f'{method}: all target test videos',
    )
    axes.legend(loc='upper right')
