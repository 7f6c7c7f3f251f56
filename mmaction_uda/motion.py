"""What of a video moves: functions of numbers alone.

Pipelines and backbones choose frames by it, vision transformers their patches.
"""

import torch
from torch import Tensor


def motion_energy(steps: Tensor, keep_first: bool = True) -> Tensor:
    """How much what is at a place differs from what was there before.

    ``mean |x_t - x_{t-1}|``, scaled to [0, 1] inside a video by its smallest
    and largest value; a video without differences has 1 everywhere.

    Args:
        steps (Tensor): ``[n, t, ..., d]``, ``t`` steps in time.
        keep_first (bool): The first step, which has none before it, has 1;
            otherwise what the second has.

    Returns:
        Tensor: ``[n, t, ...]``.
    """
    if steps.size(1) == 1:
        return steps.new_ones(steps.shape[:-1])
    moved = steps.diff(dim=1).abs().mean(-1)
    flat = moved.flatten(1)
    low, high = flat.aminmax(dim=1, keepdim=True)
    span = high - low
    scaled = torch.where(span > 0, (flat - low) / span, 1.0)
    moved = scaled.view_as(moved)
    first = moved[:, :1]
    first = torch.ones_like(first) if keep_first else first
    return torch.cat((first, moved), 1)


class FrameSelector:
    """Leaves out what hardly differs from the frame before.

    A frame stays whose :func:`motion_energy`, of its tokens, exceeds a
    threshold.

    Args:
        threshold (float): In [0, 1). Defaults to 0.1.
        keep_first (bool): The first frame always stays; otherwise it has the
            energy of the second. Defaults to True.

    Raises:
        ValueError: For another threshold.
    """

    def __init__(
        self, threshold: float = 0.1, keep_first: bool = True
    ) -> None:
        if not 0 <= threshold < 1:
            raise ValueError(
                f'SelectFrames.threshold must lie in [0, 1), got {threshold}'
            )
        self.threshold = threshold
        self.keep_first = keep_first

    def kept(self, tokens: Tensor) -> Tensor:
        """Numbers, in order, of the frames of ``[N, C]`` that stay."""
        energy = motion_energy(tokens.float()[None], self.keep_first)[0]
        return (energy > self.threshold).nonzero()[:, 0]
