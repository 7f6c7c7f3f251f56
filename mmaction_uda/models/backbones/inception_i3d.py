from collections import OrderedDict
from typing import Sequence, Tuple

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn


def pad_same(
    x: Tensor, kernel: Sequence[int], stride: Sequence[int]
) -> Tensor:
    """Pad with zeros such that a window gives ``ceil(size / stride)`` values.

    This is TensorFlow's SAME padding: an odd number of zeros puts one more
    at the end, and how many there are depends on the size of the input.

    Args:
        x (Tensor): ``[N, C, T, H, W]``.
        kernel (Sequence[int]): Size of the window in t, h and w.
        stride (Sequence[int]): Its stride in t, h and w.

    Returns:
        Tensor: The padded input.
    """
    pads = []
    for size, k, s in list(zip(x.shape[2:], kernel, stride))[::-1]:
        pad = max(k - (size % s or s), 0)
        pads += [pad // 2, pad - pad // 2]
    return F.pad(x, pads) if any(pads) else x


class Unit(nn.Module):
    """Convolution with SAME padding, batch norm, ReLU.

    Args:
        in_channels (int): Number of channels of the input.
        channels (int): Number of channels of the output.
        kernel (int): Size of the kernel on all three axes. Defaults to 1.
        stride (int): Stride on all three axes. Defaults to 1.
    """

    def __init__(
        self, in_channels: int, channels: int, kernel: int = 1, stride: int = 1
    ) -> None:
        super().__init__()
        self.kernel, self.stride = 3 * (kernel,), 3 * (stride,)
        self.conv3d = nn.Conv3d(
            in_channels, channels, kernel, stride, bias=False
        )
        self.bn = nn.BatchNorm3d(channels, eps=1e-3, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[N, C, T, H, W]`` to ``[N, C', T', H', W']``."""
        x = pad_same(x, self.kernel, self.stride)
        return F.relu(self.bn(self.conv3d(x)), inplace=True)


class MaxPool(nn.MaxPool3d):
    """Max-pool with SAME padding; its borders see zeros, not minus infinity.

    Args:
        kernel_size (tuple[int]): Size of the window in t, h and w.
        stride (tuple[int]): Its stride in t, h and w.
    """

    kernel_size: Tuple[int, int, int]
    stride: Tuple[int, int, int]

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[N, C, T, H, W]`` to ``[N, C, T', H', W']``."""
        return super().forward(pad_same(x, self.kernel_size, self.stride))


class Mixed(nn.Module):
    """Four branches side by side, their channels concatenated.

    Args:
        in_channels (int): Number of channels of the input.
        b0, b1a, b1b, b2a, b2b, b3b (int): Number of channels that each
            convolution returns.
    """

    def __init__(
        self,
        in_channels: int,
        b0: int,
        b1a: int,
        b1b: int,
        b2a: int,
        b2b: int,
        b3b: int,
    ) -> None:
        super().__init__()
        self.b0 = Unit(in_channels, b0)
        self.b1a = Unit(in_channels, b1a)
        self.b1b = Unit(b1a, b1b, 3)
        self.b2a = Unit(in_channels, b2a)
        self.b2b = Unit(b2a, b2b, 3)
        self.b3a = MaxPool((3, 3, 3), (1, 1, 1))
        self.b3b = Unit(in_channels, b3b)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[N, C, T, H, W]`` to ``[N, b0 + b1b + b2b + b3b, ...]``."""
        branches = (
            self.b0(x),
            self.b1b(self.b1a(x)),
            self.b2b(self.b2a(x)),
            self.b3b(self.b3a(x)),
        )
        return torch.cat(branches, 1)


@MODELS.register_module()
class InceptionI3D(BaseModule):
    """I3D: Inception v1 whose kernels are inflated to three dimensions.

    Layers and names of the weights are those of the PyTorch port of the
    Kinetics weights, so that ``rgb_imagenet.pt`` and ``flow_imagenet.pt``
    load. These expect frames of 224 px with values 2 x / 255 - 1.

    Source: Carreira and Zisserman, Quo Vadis, Action Recognition?,
    https://arxiv.org/abs/1705.07750.

    Args:
        num_classes (int): Number of classes of :meth:`classify`.
            Defaults to 400.
        in_channels (int): 3 for RGB, 2 for optical flow. Defaults to 3.
        init_cfg (dict or list[dict], optional): Initialization config.
            Defaults to None.
    """

    def __init__(
        self, num_classes: int = 400, in_channels: int = 3, init_cfg=None
    ) -> None:
        super().__init__(init_cfg)
        layers = dict(
            Conv3d_1a_7x7=Unit(in_channels, 64, 7, 2),
            MaxPool3d_2a_3x3=MaxPool((1, 3, 3), (1, 2, 2)),
            Conv3d_2b_1x1=Unit(64, 64),
            Conv3d_2c_3x3=Unit(64, 192, 3),
            MaxPool3d_3a_3x3=MaxPool((1, 3, 3), (1, 2, 2)),
            Mixed_3b=Mixed(192, 64, 96, 128, 16, 32, 32),
            Mixed_3c=Mixed(256, 128, 128, 192, 32, 96, 64),
            MaxPool3d_4a_3x3=MaxPool((3, 3, 3), (2, 2, 2)),
            Mixed_4b=Mixed(480, 192, 96, 208, 16, 48, 64),
            Mixed_4c=Mixed(512, 160, 112, 224, 24, 64, 64),
            Mixed_4d=Mixed(512, 128, 128, 256, 24, 64, 64),
            Mixed_4e=Mixed(512, 112, 144, 288, 32, 64, 64),
            Mixed_4f=Mixed(528, 256, 160, 320, 32, 128, 128),
            MaxPool3d_5a_2x2=MaxPool((2, 2, 2), (2, 2, 2)),
            Mixed_5b=Mixed(832, 256, 160, 320, 32, 128, 128),
            Mixed_5c=Mixed(832, 384, 192, 384, 48, 128, 128),
        )
        for name, layer in layers.items():
            self.add_module(name, layer)
        self.end_points = tuple(layers)
        self.dropout = nn.Dropout(0.5)
        # Nested, for the name of its weights: logits.conv3d.
        conv = nn.Conv3d(1024, num_classes, 1)
        self.logits = nn.Sequential(OrderedDict(conv3d=conv))

    def forward(self, x: Tensor) -> Tensor:
        """Compute the feature map behind the last mixed block.

        Args:
            x (Tensor): Clips, ``[N, C, T, H, W]``.

        Returns:
            Tensor: ``[N, 1024, t, h, w]`` with t = T / 8, h = H / 32 and
            w = W / 32, rounded up. For a window of 16 frames of 224 px its
            mean over t, h and w is the official 1024-d feature.
        """
        for name in self.end_points:
            x = getattr(self, name)(x)
        return x

    def classify(self, feats: Tensor) -> Tensor:
        """Compute Kinetics logits, to check weights that were loaded.

        Args:
            feats (Tensor): What :meth:`forward` returns for at least 9
                frames of at least 193 px, ``[N, 1024, t, h, w]``.

        Returns:
            Tensor: Logits ``[N, num_classes, t - 1]``, one per two time
            steps; the mean over places if frames exceed 224 px.
        """
        pooled = F.avg_pool3d(feats, (2, 7, 7), stride=1)
        return self.logits(self.dropout(pooled)).mean((-2, -1))
