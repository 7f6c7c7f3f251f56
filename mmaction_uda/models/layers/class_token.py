import torch
from torch import Tensor, nn


def learned(*shape: int) -> nn.Parameter:
    """A class token or a position table, drawn with a deviation of 0.02."""
    return nn.Parameter(nn.init.trunc_normal_(torch.empty(shape), std=0.02))


def prepend(token: Tensor, x: Tensor) -> Tensor:
    """Put ``token [1, 1, C]`` before each of the sequences ``[N, L, C]``."""
    return torch.cat((token.expand(x.shape[0], -1, -1), x), 1)
