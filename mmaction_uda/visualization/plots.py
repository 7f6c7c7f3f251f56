"""Pictures: accuracy over epochs, frame attention under thumbnails."""

from typing import Dict, List

import matplotlib

matplotlib.use('Agg')

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from ..evaluation import TOP1, read_validations  # noqa: E402


def plot_curves(methods: Dict[str, List[str]], out_file: str) -> None:
    """Target accuracy over epochs, one line a method, mean over seeds.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        out_file (str): The picture.
    """
    figure, axes = plt.subplots(figsize=(7, 4), layout='constrained')
    for name, work_dirs in methods.items():
        runs = [read_validations(d) for d in work_dirs]
        epochs = sorted(set.intersection(*map(set, runs)))
        curves = np.array([[100 * r[e][TOP1] for e in epochs] for r in runs])
        (line,) = axes.plot(epochs, curves.mean(0), label=name)
        if len(runs) > 1:
            axes.fill_between(
                epochs,
                curves.min(0),
                curves.max(0),
                color=line.get_color(),
                alpha=0.15,
                lw=0,
            )
    axes.set(xlabel='epoch', ylabel='top-1 on the target test set, %')
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(out_file, dpi=120)
    plt.close(figure)


def plot_attention(
    frames: np.ndarray, weights: np.ndarray, title: str, out_file: str
) -> None:
    """Weight of each frame of a video under its thumbnail.

    Args:
        frames (np.ndarray): ``[T, H, W, 3]``, uint8, RGB.
        weights (np.ndarray): ``[T]``, sums to 1; a line at ``1 / T`` marks
            what mean pooling would give.
        title (str): Above the picture.
        out_file (str): The picture.
    """
    num = len(frames)
    figure, axes = plt.subplots(
        2,
        num,
        figsize=(0.7 * num, 2.2),
        layout='constrained',
        gridspec_kw=dict(height_ratios=[1, 1.2]),
    )
    for axis, frame in zip(axes[0], frames):
        axis.imshow(frame)
        axis.axis('off')
    grid = axes[1, 0].get_gridspec()
    for axis in axes[1]:
        axis.remove()
    axis = figure.add_subplot(grid[1, :])
    axis.bar(range(num), weights * num, width=0.9)
    axis.axhline(1, color='k', lw=0.8)
    axis.set(xlim=(-0.5, num - 0.5), xticks=[], ylabel='weight\n(1: mean)')
    spread = max(np.abs(weights * num - 1).max(), 0.01)
    axis.set_ylim(1 - 1.2 * spread, 1 + 1.2 * spread)
    figure.suptitle(title)
    figure.savefig(out_file, dpi=120)
    plt.close(figure)
