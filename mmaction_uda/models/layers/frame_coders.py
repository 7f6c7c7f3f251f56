"""Encoders and decoders of frames, for :class:`SequentialVAE`."""

from typing import List, Sequence

import torch
import torch.nn as nn
from mmaction.registry import MODELS

SLOPE = 0.2  # of the nets for Sprites


@MODELS.register_module()
class LeakyMLP(nn.Sequential):
    """Linear maps, each followed by a leaky ReLU, the last one too.

    Args:
        widths (Sequence[int]): Of the input, of what lies between, and of
            the output.
        negative_slope (float): Defaults to 0.1.
    """

    def __init__(
        self, widths: Sequence[int], negative_slope: float = 0.1
    ) -> None:
        layers: List[nn.Module] = []
        for width, out in zip(widths[:-1], widths[1:]):
            layers += [nn.Linear(width, out), nn.LeakyReLU(negative_slope)]
        super().__init__(*layers)


@MODELS.register_module()
class SpriteEncoder(nn.Sequential):
    """Encoder of frames ``[N, 3, 64, 64]`` to codes ``[N, out_channels]``.

    Four 4x4 convolutions of stride 2, each with a batch norm and a leaky
    ReLU, and one over the 4x4 places that are left, with a batch norm and a
    tanh. Batch norms shift: the convolutions before them have no bias.

    Source: TranSVAE (Wei et al., NeurIPS 2023), its network for Sprites.

    Args:
        channels (Sequence[int]): Of the four convolutions. Defaults to
            (64, 128, 256, 512).
        out_channels (int): Width of a code. Defaults to 1024.
    """

    def __init__(
        self,
        channels: Sequence[int] = (64, 128, 256, 512),
        out_channels: int = 1024,
    ) -> None:
        _check(channels)
        layers = []
        for width, out in zip((3, *channels), channels):
            layers += [
                nn.Conv2d(width, out, 4, 2, 1, bias=False),
                nn.BatchNorm2d(out),
                nn.LeakyReLU(SLOPE),
            ]
        super().__init__(
            *layers,
            nn.Conv2d(channels[-1], out_channels, 4, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.Tanh(),
            nn.Flatten(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Encode frames."""
        if x.shape[1:] != (3, 64, 64):
            raise ValueError(
                'SpriteEncoder expects frames [N, 3, 64, 64], got '
                f'{list(x.shape)}. Resize them, or set another neck.encoder.'
            )
        return super().forward(x)


@MODELS.register_module()
class SpriteDecoder(nn.Sequential):
    """Decoder of codes ``[N, in_channels]`` to frames ``[N, 3, 64, 64]``.

    The transposed convolutions of :class:`SpriteEncoder`, backwards, with
    batch norms and leaky ReLUs; the last has a bias and a sigmoid.

    Source: TranSVAE (Wei et al., NeurIPS 2023), its network for Sprites.

    Args:
        in_channels (int): Width of a code. Defaults to 1024.
        channels (Sequence[int]): Of what the transposed convolutions but
            the last give. Defaults to (512, 256, 128, 64).
    """

    def __init__(
        self,
        in_channels: int = 1024,
        channels: Sequence[int] = (512, 256, 128, 64),
    ) -> None:
        _check(channels)
        layers: List[nn.Module] = [nn.Unflatten(1, (in_channels, 1, 1))]
        for number, (width, out) in enumerate(
            zip((in_channels, *channels), channels)
        ):
            stride, padding = (2, 1) if number else (1, 0)
            layers += [
                nn.ConvTranspose2d(width, out, 4, stride, padding, bias=False),
                nn.BatchNorm2d(out),
                nn.LeakyReLU(SLOPE),
            ]
        super().__init__(
            *layers, nn.ConvTranspose2d(channels[-1], 3, 4, 2, 1), nn.Sigmoid()
        )


def _check(channels: Sequence[int]) -> None:
    if len(channels) != 4:
        raise ValueError(
            'channels must name 4 widths, for frames of 64 pixels, got '
            f'{list(channels)}'
        )
