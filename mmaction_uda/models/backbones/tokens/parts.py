"""Tokens of clips of which a vision transformer sees some patches."""

import torch
from torch import Tensor, nn

from ..patches import PartlySeen
from .clips import read_tokens
from .fitting import told
from .table import Reading


def read_parts(
    net: nn.Module, clips: Tensor, kept: Tensor, reading: Reading, size: int
) -> Tensor:
    """Run a vision transformer on whole clips, each partly seen.

    Args:
        net (nn.Module): The backbone.
        clips (Tensor): ``[n, T, C, H, W]``.
        kept (Tensor): Bool ``[n, t, P]``, the patches that are seen.
        reading (Reading): How it is read.
        size (int): Clips that go through the net at once.

    Returns:
        Tensor: Float32 ``[n, t, c]``.
    """
    by_frame = reading.layout == 'frames'
    parts = []
    for part, seen in zip(clips.split(size), kept.split(size)):
        rows = seen.flatten(0, 1) if by_frame else seen.flatten(1)
        partly = PartlySeen(net, rows, fill=not by_frame)
        with told(net, part):
            parts.append(read_tokens(partly, part, reading))
    return torch.cat(parts).float()
