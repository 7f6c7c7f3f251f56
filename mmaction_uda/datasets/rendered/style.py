from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np

Range = Tuple[float, float]

# What a video draws uniformly: its range in the source, in the target at
# severity 1, and in the third domain, on which the backbone is pre-trained.
RANGES: Dict[str, Tuple[Range, Range, Range]] = dict(
    height=((0.68, 0.80), (0.48, 0.60), (0.46, 0.82)),  # of the frame
    shift=(
        (-0.08, 0.08),
        (-0.15, 0.15),
        (-0.15, 0.15),
    ),  # sideways, of the frame
    tilt=((-4.0, 4.0), (10.0, 28.0), (-20.0, 20.0)),  # degrees
    squeeze=((1.0, 1.0), (0.75, 0.95), (0.85, 1.0)),  # of the width
    period=((10.0, 15.0), (14.0, 22.0), (9.0, 18.0)),  # frames a cycle
    amplitude=((0.75, 1.1), (0.7, 1.0), (0.7, 1.2)),  # of the motion
    contrast=((120.0, 180.0), (90.0, 140.0), (110.0, 190.0)),  # levels
    tint=((0.0, 12.0), (20.0, 45.0), (0.0, 40.0)),  # levels
    texture=((0.0, 4.0), (18.0, 32.0), (0.0, 18.0)),  # levels
    drift=((0.0, 0.1), (0.4, 1.2), (0.0, 1.0)),  # px a frame
    blur=((0.0, 0.3), (0.6, 1.0), (0.0, 1.0)),  # px
    noise=((1.0, 3.0), (8.0, 14.0), (0.0, 8.0)),  # levels
    crf=((14.0, 18.0), (28.0, 34.0), (14.0, 30.0)),
)  # of the encoder

DOMAINS = ('source', 'target')


@dataclass
class Style:
    """How a video looks; see ``RANGES`` for the units of its numbers.

    Args:
        values (Dict[str, float]): One number for each key of ``RANGES``.
        light_on_dark (bool): Whether the figure is the lighter part.
        mirror (bool): Whether the figure is mirrored.
    """

    values: Dict[str, float]
    light_on_dark: bool
    mirror: bool

    def __getattr__(self, name: str) -> float:
        try:
            return self.__dict__['values'][name]
        except KeyError:
            raise AttributeError(name) from None


def domain_style(
    domain: str, severity: float, rng: np.random.Generator
) -> Style:
    """Draw the style of a video of one of the two domains.

    Args:
        domain (str): ``'source'`` or ``'target'``.
        severity (float): How far the target is from the source: 0 is the
            source itself, 1 the target of ``RANGES``, more goes beyond.
        rng (np.random.Generator): Where the style comes from.

    Returns:
        Style: The style.
    """
    weight = severity if domain == 'target' else 0.0
    values = {}
    for name, (source, target, _) in RANGES.items():
        low, high = np.array(source) + weight * np.subtract(target, source)
        values[name] = rng.uniform(low, high)
    # A blend of the two polarities would hide the figure half-way, so that
    # a share of the videos changes over instead.
    return Style(values, bool(rng.random() < weight), bool(rng.random() < 0.5))


def random_style(rng: np.random.Generator) -> Style:
    """Draw the style of a video of the third domain."""
    values = {name: rng.uniform(*r[2]) for name, r in RANGES.items()}
    return Style(values, bool(rng.random() < 0.5), bool(rng.random() < 0.5))
