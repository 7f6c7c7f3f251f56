import sys
from typing import Optional, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from ....views import ViewSampler
from .clips import read_tokens
from .table import Reading
from .windows import SlidingWindow


@runtime_checkable
class TwoStageNet(Protocol):
    """A net that looks at single frames, then at what it saw, as STAM does."""

    def encode_frames(self, x: Tensor) -> Tensor:
        """Map frames ``[n, C, H, W]`` to codes ``[n, d]``."""

    def mix_frames(self, tokens: Tensor) -> Tensor:
        """Map codes of clips ``[n, t, d]`` to tokens ``[n, c]``."""


class VideoReader:
    """Reads the tokens of videos of any length from a net.

    A :class:`TwoStageNet` encodes each frame once, however many windows it
    lies in, unless the tokens are the output of a module of it.

    Args:
        net (nn.Module): The backbone.
        reading (Reading): How its output is read.
        window (SlidingWindow, optional): By default the net sees whole
            clips, or single frames if it mixes none.
        max_frames (int): Frames that go through the net at once; all of
            them while it is in training mode.
        views (ViewSampler, optional): Draws views from the tokens of a
            whole video, as a pipeline does from stored ones.
    """

    def __init__(
        self,
        net: nn.Module,
        reading: Reading,
        window: Optional[SlidingWindow],
        max_frames: int,
        views: Optional[ViewSampler] = None,
    ) -> None:
        self.net = net
        self.reading = reading
        if window is None and not reading.mixes_time:
            window = SlidingWindow(1)
        self.window = window
        self.max_frames = max_frames
        self.views = views

    def __call__(self, frames: Tensor) -> Tensor:
        """Tokens ``[N, T', c]`` of ``frames`` ``[N, T, C, H, W]``.

        Outside of a video, windows see zeros.
        """
        num_frames = frames.size(1)
        window = self.window or SlidingWindow(
            num_frames, num_frames, pool=None
        )
        zeros = torch.zeros_like(frames[0, 0])
        net, at_once = self.net, self.max_frames
        if net.training:  # norms take the statistics of the whole batch
            at_once = sys.maxsize
        if (
            self.reading.module
            or not self.reading.mixes_time
            or not isinstance(net, TwoStageNet)
        ):
            return window.tokens(self._read, frames, zeros, at_once)

        def encode(frames: Tensor) -> Tensor:
            return net.encode_frames(frames[:, 0])[:, None]

        def mix(codes: Tensor) -> Tensor:
            return net.mix_frames(codes)[:, None]

        codes = SlidingWindow(1).tokens(encode, frames, zeros, at_once)
        outside = encode(zeros[None, None])[0, 0]
        # Codes are small: as many windows at once as frames above.
        return window.tokens(mix, codes, outside, at_once * window.size)

    def read_clips(self, x: Tensor, test_mode: bool) -> Tensor:
        """Float32 tokens of clips ``[B, V, C, T, H, W]``.

        Args:
            x (Tensor): The clips.
            test_mode (bool): Views are not drawn at random.

        Returns:
            Tensor: ``[B, V, T', c]``; with ``views``, those of each of the
            ``V`` clips.
        """
        videos = self(x.flatten(0, 1).transpose(1, 2)).float()
        if self.views is None:
            return videos.unflatten(0, x.shape[:2])
        num_videos, length = videos.shape[:2]
        frames = self.views.indices(
            num_videos * [length], num_videos * [None], test_mode
        )
        views = [v[f] for v, f in zip(videos, torch.from_numpy(frames))]
        return torch.cat(views).unflatten(0, (len(x), -1))

    def _read(self, clips: Tensor) -> Tensor:
        return read_tokens(self.net, clips, self.reading)
