"""The picture of a data sheet."""

from collections import defaultdict
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
from matplotlib.figure import Figure

from .looking import Facts, thumbnail

SHOWN = 8  # thumbnails of a domain
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
    figure = Figure(figsize=(12, 4 + 2 * len(domains)), layout='constrained')
    figure.suptitle(title)
    parts_of = figure.subfigures(
        2, 1, squeeze=False, height_ratios=(4, 2 * len(domains))
    )
    above, below = parts_of[:, 0]
    bars, lengths = above.subplots(1, 2)
    _draw_counts(bars, parts, classes[:CLASSES])
    for domain, videos in domains.items():
        frames = sorted(seen[file].frames for file in dict(videos))
        share = np.linspace(0, 100, len(frames))
        lengths.plot(frames, share, label=domain)
    lengths.set(
        xlabel='frames', ylabel='% of videos not longer', ylim=(0, 100)
    )
    lengths.grid(alpha=0.3)
    lengths.legend()
    places = below.subplots(len(domains), SHOWN, squeeze=False)
    for row, (domain, videos) in zip(places, domains.items()):
        _draw_frames(row, domain, videos)
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


def _draw_frames(row, domain: str, videos: List[Tuple[str, str]]) -> None:
    """Frames of videos of as many classes as there is room for."""
    by_class: Dict[str, List[str]] = defaultdict(list)
    for file, label in videos:
        by_class[label].append(file)
    rounds = max((len(files) for files in by_class.values()), default=0)
    chosen = [
        (files[turn], label)
        for turn in range(rounds)
        for label, files in sorted(by_class.items())
        if turn < len(files)
    ]
    for axes in row:
        axes.axis('off')
    for axes, (file, label) in zip(row, chosen):
        axes.imshow(thumbnail(file))
        axes.set_title(label, fontsize='small')
    row[0].set_title(f'{domain}: {row[0].get_title()}', fontsize='small')
