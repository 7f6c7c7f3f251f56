"""Gradient reversal: identity forward, ``-coeff`` times the gradient back."""

from math import exp
from typing import Optional, Union

import torch
import torch.nn as nn

from ...choices import check_choice


class _GradientReversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: torch.Tensor, coeff: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(coeff)
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad: torch.Tensor):
        return -ctx.saved_tensors[0] * grad, None


def gradient_reversal(
    x: torch.Tensor, coeff: Union[float, torch.Tensor]
) -> torch.Tensor:
    """Return ``x``; in backward its gradient is multiplied by ``-coeff``.

    Source: Ganin and Lempitsky, Unsupervised Domain Adaptation by
    Backpropagation, https://arxiv.org/abs/1409.7495, Eq. 4-5.

    Args:
        x (torch.Tensor): Any shape.
        coeff (float | torch.Tensor): Strength of the reversal, without unit.

    Returns:
        torch.Tensor: ``x``, same shape.
    """
    return _GradientReversal.apply(x, torch.as_tensor(coeff))


def grl_ramp(progress: float, amplitude: float, gamma: float = 10.0) -> float:
    r"""Coefficient :math:`A\,(2 / (1 + e^{-\gamma p}) - 1)`.

    Source: Ganin et al., https://arxiv.org/abs/1505.07818, Section 5.2.2.

    Args:
        progress (float): Share of the training that is done, in [0, 1].
        amplitude (float): The value approached at the end, ``A``.
        gamma (float): Steepness. Defaults to 10.

    Returns:
        float: 0 at ``progress=0``, growing towards ``amplitude``.
    """
    return amplitude * (2.0 / (1.0 + exp(-gamma * progress)) - 1.0)


class GradientReversalLayer(nn.Module):
    """Gradient reversal whose coefficient follows the training progress.

    :class:`UDATrainLoop` publishes the progress; the layer keeps no step
    counter of its own, so that a resumed training goes on exactly.

    Args:
        amplitude (float): Coefficient at the end of the ramp. Defaults to 1.
        ramp (str, optional): ``'epoch'`` (constant within an epoch, the
            TransferAttn release), ``'iter'``, or None for a constant
            coefficient. Defaults to ``'epoch'``.
        gamma (float): Steepness of the ramp. Defaults to 10.
    """

    coeff: torch.Tensor

    def __init__(
        self,
        amplitude: float = 1.0,
        ramp: Optional[str] = 'epoch',
        gamma: float = 10.0,
    ) -> None:
        super().__init__()
        check_choice('ramp', ramp, ('epoch', 'iter', None))
        self.amplitude = amplitude
        self.ramp = ramp
        self.gamma = gamma
        # On the device: a compiler builds anew for every other float, and a
        # copy from the host would wait. Not in checkpoints: it is published.
        start = amplitude if ramp is None else 0.0
        self.register_buffer(
            'coeff', torch.tensor(start, dtype=torch.float64), persistent=False
        )

    def set_progress(self, epoch: float, iteration: float) -> None:
        """Take the progress in [0, 1], counted in epochs and iterations."""
        if self.ramp is not None:
            progress = epoch if self.ramp == 'epoch' else iteration
            self.coeff.fill_(grl_ramp(progress, self.amplitude, self.gamma))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Reverse the gradient of ``x`` (any shape)."""
        return gradient_reversal(x, self.coeff)

    def extra_repr(self) -> str:
        """Show the schedule in ``print(model)``."""
        return f'amplitude={self.amplitude}, ramp={self.ramp}'
