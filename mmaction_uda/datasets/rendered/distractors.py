from typing import List, Tuple

import cv2
import numpy as np

# What hides the action, in a look peculiar to the domain: upright shapes in
# cold plain colours in the source, round ones in warm stripes in the target.
LOOKS = dict(
    source=dict(
        colours=((150, 110, 60), (190, 160, 90)), stripes=0, round=False
    ),
    target=dict(
        colours=((40, 70, 200), (60, 160, 220)), stripes=6, round=True
    ),
)


def _fill(look: dict, size: int) -> np.ndarray:
    """The material of the domain's objects, ``[size, size, 3]``."""
    fill = np.empty((size, size, 3), np.uint8)
    fill[:] = look['colours'][0]
    if look['stripes']:
        rows = np.arange(size) * look['stripes'] * 2 // size % 2 == 1
        fill[rows] = look['colours'][1]
    return fill


def _occlusion(clip: np.ndarray, look: dict, rng: np.random.Generator) -> None:
    """Something near the camera covers nearly all of the frame."""
    size = clip.shape[1]
    mask = np.zeros((size, size), np.uint8)
    middle = rng.integers(int(0.45 * size), int(0.55 * size) + 1)
    if look['round']:
        cv2.circle(mask, (int(middle), size // 2), int(0.48 * size), (1,), -1)
    else:
        mask[
            :, max(0, middle - int(0.42 * size)) : middle + int(0.42 * size)
        ] = 1
    clip[:, mask == 1] = _fill(look, size)[mask == 1]


def _passing(clip: np.ndarray, look: dict, rng: np.random.Generator) -> None:
    """The figure is gone and an object crosses the empty scene."""
    num_frames, size = clip.shape[:2]
    edge = np.median(clip[:, :, :2], axis=(0, 1, 2))
    path = np.linspace(-0.2, 1.2, num_frames + 2)[1:-1] * size
    path = path[::-1] if rng.random() < 0.5 else path
    fill = _fill(look, size)
    for frame, x in zip(clip, path):
        mask = np.zeros((size, size), np.uint8)
        if look['round']:
            cv2.circle(mask, (int(x), size // 2), size // 4, (1,), -1)
        else:
            cv2.rectangle(
                mask,
                (int(x) - size // 6, size // 4),
                (int(x) + size // 6, size),
                (1,),
                -1,
            )
        frame[:] = edge
        frame[mask == 1] = fill[mask == 1]


def _title_card(
    clip: np.ndarray, look: dict, rng: np.random.Generator
) -> None:
    """A card with a few lines of writing."""
    size = clip.shape[1]
    card = _fill(look, size)
    for row in np.linspace(0.25, 0.75, 4) * size:
        length = int(rng.uniform(0.2, 0.7) * size)
        left = (size - length) // 2 if look['round'] else size // 8
        cv2.line(
            card,
            (left, int(row)),
            (left + length, int(row)),
            (245, 245, 245),
            max(1, size // 20),
        )
    clip[:] = card


def _jolt(clip: np.ndarray, look: dict, rng: np.random.Generator) -> None:
    """The camera is torn away: the frames smear, in the domain's light."""
    size = clip.shape[1]
    kernel = (
        (1, size // 2 * 2 - 1) if look['round'] else (size // 2 * 2 - 1, 1)
    )
    light = np.array(look['colours'][1], np.float32)
    for frame in clip:
        shaken = np.roll(frame, rng.integers(size // 4, size), axis=1)
        frame[:] = 0.6 * cv2.blur(shaken, kernel) + 0.4 * light


KINDS = (_occlusion, _passing, _title_card, _jolt)


def spans(
    num_frames: int, fraction: float, rng: np.random.Generator
) -> List[Tuple[int, int]]:
    """Draw where the action is missing: one span, or two from 8 frames on.

    Args:
        num_frames (int): Number of frames of the video.
        fraction (float): The part of them without the action.
        rng (np.random.Generator): Where the spans come from.

    Returns:
        List[Tuple[int, int]]: First frame and end of each span.
    """
    missing = round(fraction * num_frames)
    if missing == 0:
        return []
    if missing < 8:
        lengths = [missing]
    else:
        first = int(rng.integers(missing // 3, missing - missing // 3 + 1))
        lengths = [first, missing - first]
    gaps = rng.multinomial(
        num_frames - missing, [1 / (len(lengths) + 1)] * (len(lengths) + 1)
    )
    starts = np.cumsum(gaps[:-1]) + np.cumsum([0] + lengths[:-1])
    return [(int(s), int(s) + n) for s, n in zip(starts, lengths)]


def distract(
    video: np.ndarray, domain: str, fraction: float, rng: np.random.Generator
) -> None:
    """Replace part of a video, in place, by frames without the action.

    Args:
        video (np.ndarray): The frames, ``[T, H, W, 3]``, BGR, uint8.
        domain (str): ``'source'`` or ``'target'``.
        fraction (float): The part of the frames to replace.
        rng (np.random.Generator): Where places, kinds and shapes come from.
    """
    for start, end in spans(len(video), fraction, rng):
        kind = KINDS[rng.integers(len(KINDS))]
        kind(video[start:end], LOOKS[domain], rng)
