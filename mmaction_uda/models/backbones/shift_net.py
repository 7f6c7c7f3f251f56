from typing import Sequence

from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn


def temporal_shift(x: Tensor, num_frames: int, part: float) -> Tensor:
    """Move a part of the channels one frame on, and as many one frame back.

    Args:
        x (Tensor): Frames of clips, ``[N * T, C, H, W]``.
        num_frames (int): Number of frames of a clip, T.
        part (float): The part of the channels that moves in each direction.

    Returns:
        Tensor: The shifted frames, of the same shape, with zeros where a
        clip ends.
    """
    frames = x.unflatten(0, (-1, num_frames))
    fold = int(part * x.size(1))
    out = frames.clone()
    out[:, 0, :fold] = 0
    out[:, 1:, :fold] = frames[:, :-1, :fold]
    out[:, :-1, fold : 2 * fold] = frames[:, 1:, fold : 2 * fold]
    out[:, -1, fold : 2 * fold] = 0
    return out.flatten(0, 1)


class ShiftBlock(nn.Module):
    """A residual block of two 3x3 convolutions behind a temporal shift.

    Args:
        in_channels (int): Number of channels of the input.
        channels (int): Number of channels of the output.
        stride (int): Stride in space.
        shift (float): The part of the channels shifted in each direction.
    """

    def __init__(
        self, in_channels: int, channels: int, stride: int, shift: float
    ) -> None:
        super().__init__()
        self.shift = shift
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or in_channels != channels:
            # Averaged before it is sampled, so that no pixel gets lost.
            self.skip = nn.Sequential(
                nn.AvgPool2d(stride), nn.Conv2d(in_channels, channels, 1)
            )

    def forward(self, x: Tensor, num_frames: int) -> Tensor:
        """Map frames ``[N * T, C, H, W]`` to ``[N * T, C', H', W']``."""
        out = temporal_shift(x, num_frames, self.shift)
        out = self.relu(self.norm1(self.conv1(out)))
        out = temporal_shift(out, num_frames, self.shift)
        out = self.norm2(self.conv2(out))
        return self.relu(out + self.skip(x))


@MODELS.register_module()
class ShiftNet(BaseModule):
    """A small 2-D residual network that looks along time by shifting.

    A part of the channels of every frame comes from its neighbours, as in
    `TSM <https://arxiv.org/abs/1811.08383>`_, so that the feature of a frame
    tells the motion around it. Its pre-trained weights expect RGB frames
    with 127.5 taken off and divided by 127.5.

    Args:
        widths (Sequence[int]): Channels of the stem, which halves the
            frame, and of the stages behind it, each of which does so again.
            Defaults to (16, 32, 64, 128).
        depth (int): Blocks of a stage. Defaults to 1.
        shift (float): The part of the channels shifted in each direction.
            Defaults to 0.125.
        init_cfg (dict or list[dict], optional): Initialization config.
            Defaults to None.
    """

    in_channels = 3

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 64, 128),
        depth: int = 1,
        shift: float = 0.125,
        init_cfg=None,
    ) -> None:
        super().__init__(init_cfg)
        self.stem = nn.Sequential(
            nn.Conv2d(self.in_channels, widths[0], 5, 2, 2, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        self.blocks = nn.ModuleList()
        for in_channels, channels in zip(widths, widths[1:]):
            for i in range(depth):
                self.blocks.append(
                    ShiftBlock(
                        channels if i else in_channels,
                        channels,
                        1 if i else 2,
                        shift,
                    )
                )

    @property
    def reach(self) -> int:
        """How many frames before and after it the feature of one sees."""
        return 2 * len(self.blocks)  # two shifts each

    def forward(self, x: Tensor) -> Tensor:
        """Compute the features of every frame.

        Args:
            x (Tensor): Clips, ``[N, 3, T, H, W]``; of flow, 2 channels.

        Returns:
            Tensor: Features ``[N, 128, T, H / 16, W / 16]``.
        """
        num_frames = x.size(2)
        out = self.stem(x.transpose(1, 2).flatten(0, 1))
        for block in self.blocks:
            out = block(out, num_frames)
        return out.unflatten(0, (-1, num_frames)).transpose(1, 2)


@MODELS.register_module()
class FlowShiftNet(ShiftNet):
    """A :class:`ShiftNet` that sees optical flow instead of RGB.

    Its pre-trained weights expect 8-bit flow of 8 px a frame at either end
    (:class:`ComputeFlow`), with 127.5 taken off and divided by 127.5.
    """

    # No argument: the arguments of ShiftNet name features stored already.
    in_channels = 2
