from dataclasses import dataclass
from typing import Dict, Tuple

import numpy as np

Range = Tuple[float, float]

# What a video draws uniformly: its range in the source, in the target at
# severity 1, and in the third domain, on which the backbone is pre-trained.
RANGES: Dict[str, Tuple[Range, Range, Range]] = dict(
    height=((.68, .80), (.48, .60), (.46, .82)),  # of the frame
    shift=((-.08, .08), (-.15, .15), (-.15, .15)),  # sideways, of the frame
    tilt=((-4., 4.), (10., 28.), (-20., 20.)),  # degrees
    squeeze=((1., 1.), (.75, .95), (.85, 1.)),  # of the width
    period=((10., 15.), (14., 22.), (9., 18.)),  # frames a cycle
    amplitude=((.75, 1.1), (.7, 1.), (.7, 1.2)),  # of the motion
    contrast=((120., 180.), (90., 140.), (110., 190.)),  # levels
    tint=((0., 12.), (20., 45.), (0., 40.)),  # levels
    texture=((0., 4.), (18., 32.), (0., 18.)),  # levels
    drift=((0., .1), (.4, 1.2), (0., 1.)),  # px a frame
    blur=((0., .3), (.6, 1.), (0., 1.)),  # px
    noise=((1., 3.), (8., 14.), (0., 8.)),  # levels
    crf=((14., 18.), (28., 34.), (14., 30.)))  # of the encoder

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


def domain_style(domain: str, severity: float,
                 rng: np.random.Generator) -> Style:
    """Draw the style of a video of one of the two domains.

    Args:
        domain (str): ``'source'`` or ``'target'``.
        severity (float): How far the target is from the source: 0 is the
            source itself, 1 the target of ``RANGES``, more goes beyond.
        rng (np.random.Generator): Where the style comes from.

    Returns:
        Style: The style.
    """
    weight = severity if domain == 'target' else 0.
    values = {}
    for name, (source, target, _) in RANGES.items():
        low, high = np.array(source) + weight * np.subtract(target, source)
        values[name] = rng.uniform(low, high)
    # A blend of the two polarities would hide the figure half-way, so that
    # a share of the videos changes over instead.
    return Style(values, bool(rng.random() < weight), bool(rng.random() < .5))


def random_style(rng: np.random.Generator) -> Style:
    """Draw the style of a video of the third domain."""
    values = {name: rng.uniform(*r[2]) for name, r in RANGES.items()}
    return Style(values, bool(rng.random() < .5), bool(rng.random() < .5))
