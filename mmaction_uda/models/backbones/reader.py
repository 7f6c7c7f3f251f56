from typing import Optional

import torch
from torch import Tensor, nn

from ...datasets.transforms import SampleFeature
from .readings import Reading
from .tokens import read_tokens
from .windows import SlidingWindow


class VideoReader:
    """Reads the tokens of videos of any length from a net.

    A net that mixes time and has the methods ``encode_frames``
    (``[n, C, H, W]`` to ``[n, d]``) and ``mix_frames`` (``[n, t, d]`` to
    ``[n, c]``), as :class:`STAM` has them, encodes each frame once, however
    many windows it lies in, unless the tokens are the output of a module of
    it.

    Args:
        net (nn.Module): The backbone.
        reading (Reading): How its output is read.
        window (SlidingWindow, optional): By default the net sees whole
            clips, or single frames if it mixes none.
        max_frames (int): Frames that go through the net at once.
    """

    def __init__(
        self,
        net: nn.Module,
        reading: Reading,
        window: Optional[SlidingWindow],
        max_frames: int,
    ) -> None:
        self.net = net
        self.reading = reading
        if window is None and not reading.mixes_time:
            window = SlidingWindow(1)
        self.window = window
        self.max_frames = max_frames

    def __call__(self, frames: Tensor) -> Tensor:
        """Tokens ``[N, T', c]`` of ``frames`` ``[N, T, C, H, W]``.

        Outside of a video, windows see zeros.
        """
        num_frames = frames.size(1)
        window = self.window or SlidingWindow(
            num_frames, num_frames, pool=None
        )
        zeros = torch.zeros_like(frames[0, 0])
        if (
            self.reading.module
            or not self.reading.mixes_time
            or not hasattr(self.net, 'encode_frames')
        ):
            return window.tokens(self._read, frames, zeros, self.max_frames)
        codes = SlidingWindow(1).tokens(
            self._encode, frames, zeros, self.max_frames
        )
        outside = self._encode(zeros[None, None])[0, 0]
        # Codes are small: as many windows at once as frames above.
        at_once = self.max_frames * window.size
        return window.tokens(self._mix, codes, outside, at_once)

    def read_clips(
        self, x: Tensor, sample: Optional[SampleFeature], test_mode: bool
    ) -> Tensor:
        """Float32 tokens ``[B, V, T', c]`` of clips ``[B, V, C, T, H, W]``.

        With ``sample``, its views of each of the ``V`` clips, as a pipeline
        draws them from stored tokens; at test the centres of the segments.
        """
        videos = self(x.flatten(0, 1).transpose(1, 2)).float()
        if sample is None:
            return videos.unflatten(0, x.shape[:2])
        sample.test_mode = test_mode
        views = [v[torch.tensor(sample.frame_indices(len(v)))] for v in videos]
        return torch.cat(views).unflatten(0, (len(x), -1))

    def _read(self, clips: Tensor) -> Tensor:
        return read_tokens(self.net, clips, self.reading)

    def _encode(self, frames: Tensor) -> Tensor:
        return self.net.encode_frames(frames[:, 0])[:, None]

    def _mix(self, codes: Tensor) -> Tensor:
        return self.net.mix_frames(codes)[:, None]
