from typing import Tuple

import cv2
import numpy as np

from .actions import Cycle, Traversal
from .figure import Body, draw, limbs
from .style import Style

# Figures are drawn this many times larger than the frame.
FINE = 2


def colours(
    style: Style, rng: np.random.Generator
) -> Tuple[np.ndarray, np.ndarray]:
    """Draw the colour of the paper, ``[3]``, and four inks, ``[4, 3]``."""
    sign = 1 if style.light_on_dark else -1
    middle = 128 + rng.uniform(-15, 15)
    paper = middle - sign * style.contrast / 2
    inks = middle + sign * style.contrast / 2 + rng.uniform(-18, 18, (4, 1))
    tints = rng.uniform(-1, 1, (3, 3)) * style.tint
    paper = paper + tints[0]
    inks = inks + tints[[1, 2, 1, 2]]
    return np.clip(paper, 0, 255), np.clip(inks, 0, 255)


def background(
    paper: np.ndarray, style: Style, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw a wall to pan over: texture of three octaves, on all sides alike.

    Args:
        paper (np.ndarray): The mean colour, ``[3]``.
        style (Style): The style of the video.
        size (int): Edge of the wall in px.
        rng (np.random.Generator): Where the texture comes from.

    Returns:
        np.ndarray: The wall, ``[size, size, 3]``, uint8.
    """
    wall = np.zeros((size, size, 3), np.float32)
    for cells in (4, 8, 16):
        octave = rng.standard_normal((cells, cells, 3)).astype(np.float32)
        octave = octave.mean(axis=2, keepdims=True) + 0.4 * octave
        wall += cv2.resize(octave, (size, size), interpolation=cv2.INTER_CUBIC)
    wall *= style.texture / max(wall.std(), 1e-6)
    return np.clip(wall + paper, 0, 255).astype(np.uint8)


def place(
    ends: np.ndarray, head: np.ndarray, style: Style
) -> Tuple[np.ndarray, np.ndarray]:
    """Map body heights to edges of the frame: mirror, squeeze, tilt, shift."""
    angle = np.deg2rad(style.tilt)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    flip = np.diag([(-1 if style.mirror else 1) * style.squeeze, 1.0])
    linear = style.height * turn @ flip
    # The middle of the body, half a height over the ground, is the anchor.
    centre = np.array([0.5 + style.shift, 0.52])
    anchor = np.array([0.0, -0.5])
    return (
        (ends - anchor) @ linear.T + centre,
        (head - anchor) @ linear.T + centre,
    )


def act(
    cycle: Cycle,
    traversal: Traversal,
    body: Body,
    style: Style,
    num_frames: int,
    rng: np.random.Generator,
) -> Tuple:
    """Let a figure perform an action.

    Args:
        cycle (Cycle): The poses of the action.
        traversal (Traversal): How it runs through them.
        body (Body): The build of the figure.
        style (Style): The style of the video.
        num_frames (int): Number of frames, T.
        rng (np.random.Generator): Where phase and rhythm come from.

    Returns:
        Tuple[np.ndarray, np.ndarray]: The end points of the limbs,
        ``[T, 11, 2, 2]``, and the centres of the head, ``[T, 2]``, in edges
        of the frame.
    """
    frames = np.arange(num_frames)
    # The pace sways a little, as nobody moves like clockwork.
    sway = 0.05 * np.sin(2 * np.pi * (frames / 24 + rng.random()))
    time = frames / style.period + sway + 2 * rng.random()
    poses = cycle(traversal(time), style.amplitude)
    return place(*limbs(poses, body), style)


def film(
    ends: np.ndarray,
    head: np.ndarray,
    body: Body,
    style: Style,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Film a figure.

    Args:
        ends (np.ndarray): The end points of its limbs, as of :func:`act`.
        head (np.ndarray): The centres of its head.
        body (Body): Its build.
        style (Style): The style of the video.
        size (int): Edge of a frame in px.
        rng (np.random.Generator): Where colours, texture and noise come
            from.

    Returns:
        np.ndarray: The frames, ``[T, size, size, 3]``, BGR, uint8.
    """
    large = FINE * size
    unit = style.height * large
    paper, inks = colours(style, rng)
    wall = background(paper, style, large, rng)
    heading = 2 * np.pi * rng.random()
    pan = FINE * style.drift * np.array([np.cos(heading), np.sin(heading)])
    grain = rng.standard_normal((2 * size, 2 * size, 3), np.float32)
    grain *= style.noise
    video = np.empty((len(ends), size, size, 3), np.uint8)
    for t in range(len(ends)):
        canvas = cv2.warpAffine(
            wall,
            np.array([[1, 0, pan[0] * t], [0, 1, pan[1] * t]]),
            (large, large),
            borderMode=cv2.BORDER_WRAP,
        )
        draw(
            canvas,
            ends[t] * large,
            head[t] * large,
            body.girth * unit,
            body.head * unit,
            inks,
        )
        y, x = rng.integers(size, size=2)
        video[t] = expose(
            canvas, style.blur, grain[y : y + size, x : x + size]
        )
    return video


def expose(canvas: np.ndarray, blur: float, grain: np.ndarray) -> np.ndarray:
    """Take the picture of a canvas: lens blur, sampling, sensor noise."""
    if blur > 0.1:
        canvas = cv2.GaussianBlur(canvas, (0, 0), FINE * blur)
    size = grain.shape[0]
    frame = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return np.clip(frame + grain, 0, 255).astype(np.uint8)
