"""The picture of a data sheet."""

from collections import defaultdict
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
from matplotlib.figure import Figure

from .looking import THUMBNAIL, Facts, thumbnail

SHOWN = 8  # thumbnails of a domain
WIDTH = THUMBNAIL + 8  # px, of one and the gap behind it
CLASSES = 20  # with bars of their own


def draw(
    path: str,
    title: str,
    parts: Sequence[Any],
    classes: Sequence[str],
    seen: Mapping[str, Any],
) -> None:
    """Draw counts, lengths, and frames of each domain.

    Args:
        path (str): The picture.
        title (str): Above it.
        parts (Sequence[Part]): Lists of the sheet.
        classes (Sequence[str]): Names of the classes; no more than the first
            20 have bars.
        seen (Mapping): Facts by file.
    """
    domains: Dict[str, List[Tuple[str, str]]] = defaultdict(list)
    for part in parts:
        domain = part.name.partition(',')[0]
        domains[domain] += [
            (file, label or '')
            for file, label in part.videos
            if isinstance(seen.get(file), Facts)
        ]
    rows = len(domains)
    figure = Figure(figsize=(12, 4 + 2 * rows), layout='tight')
    figure.suptitle(title)
    grid = figure.add_gridspec(1 + rows, 2, height_ratios=[4] + [2] * rows)
    _draw_counts(figure.add_subplot(grid[0, 0]), parts, classes[:CLASSES])
    lengths = figure.add_subplot(grid[0, 1])
    for domain, videos in domains.items():
        frames = sorted(seen[file].frames for file in dict(videos))
        share = np.linspace(0, 100, len(frames))
        lengths.plot(frames, share, label=domain)
    lengths.set(
        xlabel='frames', ylabel='% of videos not longer', ylim=(0, 100)
    )
    lengths.grid(alpha=0.3)
    lengths.legend()
    for row, (domain, videos) in enumerate(domains.items(), 1):
        _draw_frames(figure.add_subplot(grid[row, :]), domain, videos)
    figure.savefig(path, dpi=100)


def _draw_counts(axes, parts: Sequence[Any], classes: Sequence[str]) -> None:
    rows = [*classes, 'no label']
    rows = [name for name in rows if any(p.counts[name] for p in parts)]
    height = 0.8 / len(parts)
    for number, part in enumerate(parts):
        where = np.arange(len(rows)) + height * number
        axes.barh(
            where,
            [part.counts[name] for name in rows],
            height,
            label=f'{part.name} ({len(part.videos)})',
        )
    axes.set_yticks(np.arange(len(rows)) + 0.4 - height / 2, rows)
    axes.invert_yaxis()
    axes.set(xlabel='videos')
    axes.legend(fontsize='small')


def _draw_frames(axes, domain: str, videos: List[Tuple[str, str]]) -> None:
    """Frames of videos of as many classes as there is room for, in a row."""
    by_class: Dict[str, List[str]] = defaultdict(list)
    for file, label in videos:
        by_class[label].append(file)
    rounds = max((len(files) for files in by_class.values()), default=0)
    chosen = [
        (files[turn], label)
        for turn in range(rounds)
        for label, files in sorted(by_class.items())
        if turn < len(files)
    ][:SHOWN]
    images = [thumbnail(file) for file, _ in chosen]
    tallest = max(map(len, images), default=1)
    strip = np.full((tallest, SHOWN * WIDTH, 3), 255, np.uint8)
    for place, image in enumerate(images):
        height, width = image.shape[:2]
        strip[:height, place * WIDTH : place * WIDTH + width] = image
    axes.imshow(strip)
    where = [place * WIDTH + THUMBNAIL / 2 for place in range(len(chosen))]
    axes.set_xticks(where, [label for _, label in chosen])
    axes.set_yticks([])
    axes.set_title(domain, loc='left')
    for side in ('left', 'right', 'top', 'bottom'):
        axes.spines[side].set_visible(False)
