"""Which frames the views of a video hold: functions of numbers alone.

Pipelines draw them from stored tokens, backbones from what they have just
computed of a whole video.
"""

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

    def indices(self, num_stored: int, test_mode: bool) -> np.ndarray:
        """Indices ``[V, S]`` into the ``num_stored`` frames of a video.

        Args:
            num_stored (int): Frames of the video.
            test_mode (bool): Deterministic; else NumPy's global random
                state is drawn from.
        """
        shape = self.num_views, self.num_frames
        if num_stored < self.num_frames:
            frames = fill_short_video(
                num_stored, self.num_frames, self.short_video
            )
            return np.broadcast_to(frames, shape)
        if test_mode:
            share = (np.arange(self.num_views)[:, None] + 0.5) / self.num_views
        else:
            share = np.random.random_sample(shape)
        segments = np.arange(self.num_frames) + share
        frames = (segments * num_stored / self.num_frames).astype(np.int64)
        return np.minimum(frames, num_stored - 1)  # against rounding
