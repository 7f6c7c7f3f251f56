from typing import List, Sequence

import torch
import torch.nn as nn


class DilatedResidual(nn.Module):
    """A dilated convolution beside the mean of the steps that it touches.

    Args:
        channels (int): Width of the input and the output.
        dilation (int): Steps between the three taps of the kernel.
    """

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.branch = nn.Sequential(
            nn.Conv1d(channels, channels, 3, dilation=dilation),
            nn.ReLU(),
            nn.Conv1d(channels, channels, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[N, channels, T]`` to ``[N, channels, T - 2 dilation]``."""
        branch = self.branch(x)
        touched = sum(
            x.narrow(-1, tap * self.dilation, branch.shape[-1])
            for tap in range(3)
        )
        return branch + touched / 3


class TemporalDilation(nn.ModuleList):
    r"""Frames at several temporal scales, each made of the one before.

    .. math::
        x^g_t = \frac{1}{3} \sum_{k=0}^{2} x^{g-1}_{t + k\delta_g}
        + W_1\,ReLU(W_3 * x^{g-1})_t

    No padding: 53 frames and the dilations 1, 3, 7, 15 give scales of 51,
    45, 31 and 1 steps. Source: MA2LT-D, its released code.

    Args:
        channels (int): Width ``d`` of a frame.
        num_frames (int): Number of frames ``T``.
        dilations (Sequence[int]): One for each scale.
            Defaults to (1, 3, 7, 15).
    """

    def __init__(
        self,
        channels: int,
        num_frames: int,
        dilations: Sequence[int] = (1, 3, 7, 15),
    ) -> None:
        if num_frames <= 2 * sum(dilations):
            raise ValueError(
                f'dilations={tuple(dilations)} need at least '
                f'{2 * sum(dilations) + 1} frames, got {num_frames}. Raise '
                'num_frames or set domain_head.dilations to smaller ones.'
            )
        super().__init__(DilatedResidual(channels, d) for d in dilations)
        self.lengths = [
            num_frames - 2 * sum(dilations[: g + 1])
            for g in range(len(dilations))
        ]

    def forward(self, x: torch.Tensor) -> List[torch.Tensor]:
        """Map ``[N, T, d]`` to scales ``[N, L_g, d]``, finest first."""
        scales, x = [], x.transpose(1, 2)
        for layer in self:
            x = layer(x)
            scales.append(x.transpose(1, 2))
        return scales
