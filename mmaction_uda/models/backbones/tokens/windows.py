"""Windows that slide over the frames of a video."""

from typing import Callable, Optional

import torch
from torch import Tensor

from ....choices import check_choice
from ....streams import Stream


class SlidingWindow:
    """Cuts videos into windows and makes tokens of what a net says of each.

    Window ``k`` of ``ceil(T / stride)`` begins ``before`` frames before
    frame ``k * stride``. Outside of the video it sees ``fill``.

    Args:
        size (int): Frames of a window.
        stride (int): Frames from one window to the next. Defaults to 1.
        before (int): Frames of a window before its own. Defaults to 0.
        pool (str, optional): The ``t`` tokens of a window become one:
            ``'mean'``, or ``'flatten'``, where channel ``c`` at time ``i``
            comes to ``t * c + i``. None keeps them all, window after
            window. Defaults to ``'mean'``.
    """

    def __init__(
        self,
        size: int,
        stride: int = 1,
        before: int = 0,
        pool: Optional[str] = 'mean',
    ) -> None:
        check_choice('window.pool', pool, ('mean', 'flatten', None))
        if not (size >= 1 and stride >= 1 and 0 <= before < size):
            raise ValueError(
                'a window needs size >= 1, stride >= 1 and before in '
                f'[0, size), got size={size}, stride={stride}, '
                f'before={before}'
            )
        self.size = size
        self.stride = stride
        self.before = before
        self.pool = pool

    def cut(self, frames: Tensor, fill: Tensor) -> Tensor:
        """View frames as windows.

        Args:
            frames (Tensor): ``[N, T, ...]``.
            fill (Tensor): ``[...]``, what is outside of the video.

        Returns:
            Tensor: ``[N, K, ..., size]``, a view of the padded frames.
        """
        num_frames = frames.size(1)
        num_windows = -(-num_frames // self.stride)
        length = (num_windows - 1) * self.stride + self.size
        after = max(length - self.before - num_frames, 0)
        if self.before or after:

            def outside(count):
                return fill.expand(len(frames), count, *fill.shape)

            parts = outside(self.before), frames, outside(after)
            frames = torch.cat(parts, 1)
        return frames[:, :length].unfold(1, self.size, self.stride)

    def stream(
        self,
        read: Callable[[Tensor], Tensor],
        frames: Stream,
        fill: Tensor,
        max_frames: int,
    ) -> Stream:
        """Tokens of every window of a video that is read piece by piece.

        Windows go through ``read`` in the same groups as in :meth:`tokens`.

        Args:
            read, fill, max_frames: As there.
            frames (Stream): ``[T, ...]``.

        Returns:
            Stream: ``[K, t, c]``.
        """

        def compute(start: int, stop: int) -> Tensor:
            begin = start * self.stride - self.before
            end = (stop - 1) * self.stride - self.before + self.size
            inside = frames[max(begin, 0) : min(end, len(frames))]
            outside = max(-begin, 0), max(end - len(frames), 0)
            before, after = (fill.expand(n, *fill.shape) for n in outside)
            padded = torch.cat((before, inside, after))
            windows = padded.unfold(0, self.size, self.stride)
            return self._pool(read(windows.contiguous().movedim(-1, 1)))

        num_windows = -(-len(frames) // self.stride)
        return Stream(num_windows, compute, max(1, max_frames // self.size))

    def tokens(
        self,
        read: Callable[[Tensor], Tensor],
        frames: Tensor,
        fill: Tensor,
        max_frames: int,
    ) -> Tensor:
        """Tokens of every window.

        Args:
            read (callable): Maps windows ``[b, size, ...]`` to ``[b, t, c]``.
            frames (Tensor): ``[N, T, ...]``.
            fill (Tensor): ``[...]``.
            max_frames (int): Frames that go through ``read`` at once.

        Returns:
            Tensor: ``[N, K, c]``, or ``[N, K * t, c]`` if ``pool`` is None.
        """
        windows = self.cut(frames, fill)
        num_videos, num_windows = windows.shape[:2]
        chunk = max(1, max_frames // self.size)
        numbers = torch.arange(num_videos * num_windows).split(chunk)
        parts = []
        for i in numbers:  # only the windows of a chunk are ever copied
            part = windows[i // num_windows, i % num_windows]
            parts.append(self._pool(read(part.movedim(-1, 1))))
        tokens = torch.cat(parts).unflatten(0, (num_videos, num_windows))
        return tokens.flatten(1, 2)

    def _pool(self, tokens: Tensor) -> Tensor:
        """``[b, t, c]`` to ``[b, 1, c']``, or as they are."""
        if self.pool == 'mean':
            return tokens.mean(1, keepdim=True)
        if self.pool == 'flatten':
            return tokens.transpose(1, 2).flatten(1)[:, None]
        return tokens
