"""Masks of dropout that cost less than the products around them."""

import numpy as np
import torch

LEVELS = 2**16  # a draw has 16 bits


def eager_on_cpu(x: torch.Tensor) -> bool:
    """Whether our own kernels for CPUs are to run.

    Elsewhere torch's are the faster ones: on GPUs they are fused, and a
    compiler fuses them itself.

    Args:
        x (torch.Tensor): What they would run on.
    """
    return not (
        x.device.type != 'cpu'
        or torch.compiler.is_compiling()
        or torch.is_autocast_enabled('cpu')
    )


def keep_share(p: float) -> float:
    """Probability in (0, 1] with which :func:`keep_mask` keeps an element.

    Args:
        p (float): That of dropping it, before it is rounded.
    """
    return 1 - round(p * LEVELS) / LEVELS


def draw_seed() -> int:
    """Take a seed from torch's random state on the CPU."""
    return int(torch.randint(2**62, ()))


def random_bits(seed: int) -> np.random.Generator:
    """A source of bits, twice as fast as torch's."""
    return np.random.Generator(np.random.SFC64(seed))


def keep_mask(
    like: torch.Tensor, p: float, bits: np.random.Generator
) -> torch.Tensor:
    """Ones, and zeros with probability ``p``, on the CPU.

    Four draws come from one 64-bit number. Torch draws one for each element,
    one after the other: a third of the time that the 1 024 products of an
    element take in a discriminator, and more on several cores. ``p`` is
    rounded to multiples of 2^-16: 0.2 becomes 0.199997, :func:`keep_share`.

    Args:
        like (torch.Tensor): Has the shape and dtype of the result.
        p (float): In [0, 1).
        bits (np.random.Generator): See :func:`random_bits`.
    """
    mask = torch.empty_like(like, memory_format=torch.contiguous_format)
    words = bits.integers(
        -(2**63), 2**63 - 1, -(-mask.numel() // 4), np.int64, endpoint=True
    )
    draws = torch.from_numpy(words.view(np.int16))[: mask.numel()]
    draws = draws.view(mask.shape)
    return torch.ge(draws, round(p * LEVELS) - LEVELS // 2, out=mask)
