"""Which frames the views of a video hold: functions of numbers alone.

Pipelines draw them from stored tokens, backbones from what they have just
computed of a whole video.
"""

from typing import Optional, Sequence

import numpy as np

from .choices import check_choice


def fill_short_video(
    num_stored: int, num_frames: int, rule: str = 'release'
) -> np.ndarray:
    """Frame numbers of a video shorter than the sample.

    Every frame occurs at least once. ``'release'`` is the rule of the
    authors of TransferAttn: copies are inserted into the growing list
    without correcting for earlier insertions, so the result is in general
    not sorted. ``'ordered'`` repeats frames evenly and keeps time in order.

    Args:
        num_stored (int): Frames of the video, ``N < num_frames``.
        num_frames (int): Frames wanted, ``S``.
        rule (str): ``'release'`` or ``'ordered'``.

    Returns:
        np.ndarray: ``[S]`` indices in ``[0, N)``.
    """
    if rule == 'ordered':
        return np.arange(num_frames) * num_stored // num_frames
    frames = list(range(num_stored))
    pieces = num_frames - num_stored + 1
    for i in range(1, pieces):
        value = num_stored * i // pieces
        frames.insert(value, value)
    return np.array(frames)


class ViewSampler:
    """Draws the frames of views, one from each segment of the video.

    The video is cut into ``num_frames`` equal segments; each gives one
    frame, a random one, or, at test, for view ``v`` of ``V`` the one at the
    share ``(v + 1/2) / V`` of the segment, so one view takes the centres.
    (The authors of TransferAttn draw at random at test too; accuracy then
    depends on the draw.)

    Args:
        num_frames (int): Frames of a view, ``S``. Defaults to 53.
        num_views (int): Views ``V``. Defaults to 2.
        short_video (str): Rule for videos with fewer frames, see
            :func:`fill_short_video`; views are then equal.
            Defaults to ``'release'``.

    Raises:
        ValueError: For another rule.
    """

    def __init__(
        self,
        num_frames: int = 53,
        num_views: int = 2,
        short_video: str = 'release',
    ) -> None:
        check_choice('short_video', short_video, ('release', 'ordered'))
        self.num_frames = num_frames
        self.num_views = num_views
        self.short_video = short_video

    def indices(
        self,
        lengths: Sequence[int],
        seeds: Sequence[Optional[int]],
        test_mode: bool,
    ) -> np.ndarray:
        """Which of its frames the views of each of several videos hold.

        Args:
            lengths (Sequence[int]): Frames of ``B`` videos.
            seeds (Sequence[int | None]): Of the draws of each; for None it
                goes on with NumPy's random state.
            test_mode (bool): Deterministic, nothing is drawn.

        Returns:
            np.ndarray: ``[B, V, S]``.
        """
        share = np.empty((len(lengths), self.num_views, self.num_frames))
        share[:] = (np.arange(self.num_views)[:, None] + 0.5) / self.num_views
        for i, (length, seed) in enumerate(zip(lengths, seeds)):
            if length >= self.num_frames and not test_mode:
                if seed is not None:
                    np.random.seed(seed)
                share[i] = np.random.random_sample(share.shape[1:])
        stored = np.array(lengths)[:, None, None]
        segments = np.arange(self.num_frames) + share
        frames = (segments * stored / self.num_frames).astype(np.int64)
        frames = np.minimum(frames, stored - 1)  # against rounding
        for i, length in enumerate(lengths):
            if length < self.num_frames:
                frames[i] = fill_short_video(
                    length, self.num_frames, self.short_video
                )
        return frames
