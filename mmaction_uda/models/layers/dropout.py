"""Dropout whose draws do not cost more than the products around it."""

from typing import Optional, Sequence

import torch
import torch.nn as nn

LEVELS = 2**16  # a draw has 16 bits


def eager_on_cpu(x: torch.Tensor) -> bool:
    """Whether our own kernels for CPUs are to run.

    Elsewhere torch's are the faster ones: on GPUs they are fused, and a
    compiler fuses them itself.
    """
    return not (
        x.device.type != 'cpu'
        or torch.compiler.is_compiling()
        or torch.is_autocast_enabled('cpu')
    )


def keep_share(p: float) -> float:
    """Probability with which :func:`keep_mask` keeps an element."""
    return 1 - round(p * LEVELS) / LEVELS


def keep_mask(
    shape: Sequence[int], p: float, generator: Optional[torch.Generator] = None
) -> torch.Tensor:
    """Bool tensor on the CPU that is False with probability ``p``.

    Four draws come from one 64-bit number: torch's Bernoulli draws one for
    each element, one after the other, which takes longer than the 1 024
    products an element of a discriminator costs. ``p`` is rounded to
    multiples of 2^-16, so 0.2 becomes 0.199997, see :func:`keep_share`.

    Args:
        shape (Sequence[int]): Any shape.
        p (float): In [0, 1).
        generator (torch.Generator, optional): Where the bits come from.
    """
    mask = torch.empty(shape, dtype=torch.bool)
    words = torch.empty(-(-mask.numel() // 4), dtype=torch.int64)
    words.random_(-(2**63), None, generator=generator)
    draws = words.view(torch.int16)[: mask.numel()].view(mask.shape)
    return torch.ge(draws, round(p * LEVELS) - LEVELS // 2, out=mask)


class Dropout(nn.Dropout):
    """:class:`torch.nn.Dropout` with cheap draws on CPUs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Drop elements of ``x`` (any shape) in training."""
        if self.training and 0 < self.p < 1 and eager_on_cpu(x):
            share = keep_share(self.p)
            mask = keep_mask(x.shape, self.p).to(x.dtype)
            return x * mask.mul_(1 / share)
        return super().forward(x)
