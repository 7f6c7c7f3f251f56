import sys
from typing import Optional, Protocol, Sequence, Union, cast, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from ....motion import FrameSelector
from ....streams import Stream
from ....views import ViewSampler
from .clips import read_tokens
from .fitting import check_length, told
from .parts import read_parts
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
        select (FrameSelector, optional): Leaves some of them out before.
    """

    def __init__(
        self,
        net: nn.Module,
        reading: Reading,
        window: Optional[SlidingWindow],
        max_frames: int,
        views: Optional[ViewSampler] = None,
        select: Optional[FrameSelector] = None,
    ) -> None:
        self.net = net
        self.reading = reading
        if window is None and not reading.mixes_time:
            window = SlidingWindow(1)
        self.window = window
        self.max_frames = max_frames
        self.views, self.select = views, select

    def __call__(self, frames: Tensor) -> Tensor:
        """Tokens ``[N, T', c]`` of ``frames`` ``[N, T, C, H, W]``.

        Outside of a video, windows see zeros.
        """
        num_frames = frames.size(1)
        window = self.window or SlidingWindow(
            num_frames, num_frames, pool=None
        )
        zeros = torch.zeros_like(frames[0, 0])
        at_once = self._at_once
        if not self._in_two_stages:
            return window.tokens(self._read, frames, zeros, at_once)

        def encode(frames: Tensor) -> Tensor:
            return self._encode(frames[:, 0])[:, None]

        codes = SlidingWindow(1).tokens(encode, frames, zeros, at_once)
        outside = self._encode(zeros[None])[0]
        # Codes are small: as many windows at once as frames above.
        return window.tokens(self._mix, codes, outside, at_once * window.size)

    def stream(self, frames: Stream) -> Stream:
        """Tokens of a video that is read piece by piece.

        Args:
            frames (Stream): ``[T, C, H, W]``.

        Returns:
            Stream: ``[K, t, c]``, ``t`` tokens of each of ``K`` windows.

        Raises:
            ValueError: If the net sees whole clips, and this is too long.
        """
        window, at_once = self.window, self._at_once
        if window is None:
            return self._without_window(frames)
        zeros = torch.zeros_like(frames[:1][0])
        if not self._in_two_stages:
            return window.stream(self._read, frames, zeros, at_once)
        codes = frames.map(self._encode, at_once)
        outside = self._encode(zeros[None])[0]
        return window.stream(self._mix, codes, outside, at_once * window.size)

    def _without_window(self, frames: Stream) -> Stream:
        reach = getattr(self.net, 'reach', None)
        if reach is None or self.reading.module:
            check_length(self.net, frames)
            return Stream(1, lambda start, stop: self(frames[:][None]), 1)

        def compute(start: int, stop: int) -> Tensor:
            begin = max(start - reach, 0)
            clip = frames[begin : min(stop + reach, len(frames))]
            tokens = self._read(clip[None])[0]
            return tokens[start - begin : stop - begin, None]

        size = max(1, self._at_once - 2 * reach)
        return Stream(len(frames), compute, size)

    def read_clips(
        self,
        x: Union[Tensor, Sequence[Stream]],
        test_mode: bool,
        kept: Optional[Tensor] = None,
    ) -> Tensor:
        """Float32 tokens of clips.

        Args:
            x (Tensor or Sequence[Stream]): ``[B, V, C, T, H, W]``, or ``B``
                long videos ``[T, C, H, W]``, each one clip.
            test_mode (bool): Views are not drawn at random.
            kept (Tensor, optional): See :func:`read_parts`. Of a tensor
                alone; no window slides then.

        Returns:
            Tensor: ``[B, V, T', c]``; with ``views``, those of each of the
            ``V`` clips.
        """
        if not isinstance(x, Tensor):
            return torch.cat([self._read_long(v, test_mode) for v in x])
        videos = x.flatten(0, 1).transpose(1, 2)
        if kept is None:
            tokens = self(videos).float()
        else:
            at_once = max(1, self._at_once // videos.size(1))
            tokens = read_parts(self.net, videos, kept, self.reading, at_once)
        if self.views is None:
            return tokens.unflatten(0, x.shape[:2])
        views = [self._drawn(video, test_mode) for video in tokens]
        return torch.cat(views).unflatten(0, (len(x), -1))

    def _drawn(self, tokens: Tensor, test_mode: bool) -> Tensor:
        """Views ``[V, S, c]`` of the tokens ``[T', c]`` of a video."""
        assert self.views is not None
        if self.select is not None:
            tokens = tokens[self.select.kept(tokens)]
        (frames,) = self.views.indices([len(tokens)], [None], test_mode)
        return tokens[torch.from_numpy(frames)]

    def _read_long(self, video: Stream, test_mode: bool) -> Tensor:
        """Tokens ``[1, 1, T', c]`` of a video; of its views, no others."""
        tokens = self.stream(video)
        if self.views is None:
            return tokens.whole().flatten(0, 1)[None, None]
        if self.select is not None:  # by all of them
            return self._drawn(tokens.whole().flatten(0, 1), test_mode)[None]
        count = tokens[:1].size(1)  # of a window
        length = count * len(tokens)
        frames = self.views.indices([length], [None], test_mode)
        # In order, so that the video is read once.
        numbers = np.unique(frames // count).tolist()
        windows = {i: tokens[i : i + 1][0] for i in numbers}
        rows = [windows[i // count][i % count] for i in frames.flat]
        return torch.stack(rows).float().unflatten(0, frames.shape)

    @property
    def _at_once(self) -> int:
        # In training mode norms take the statistics of the whole batch.
        return sys.maxsize if self.net.training else self.max_frames

    @property
    def _in_two_stages(self) -> bool:
        reading = self.reading
        by_clip = reading.mixes_time and not reading.module
        return by_clip and isinstance(self.net, TwoStageNet)

    def _read(self, clips: Tensor) -> Tensor:
        with told(self.net, clips):
            return read_tokens(self.net, clips, self.reading)

    def _encode(self, frames: Tensor) -> Tensor:
        with told(self.net, frames):
            return cast(TwoStageNet, self.net).encode_frames(frames)

    def _mix(self, codes: Tensor) -> Tensor:
        return cast(TwoStageNet, self.net).mix_frames(codes)[:, None]
