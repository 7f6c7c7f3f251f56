from typing import Tuple, cast

import torch
import torch.nn as nn
import torch.nn.functional as F


class StackedLinear(nn.Sequential):
    """Two linear maps with nothing between, applied as the one they are.

    Where there are many rows, as in training, the product of the two
    matrices is taken first; both go on learning, each by its own gradient.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[..., in]`` to ``[..., out]``."""
        first, second = cast(Tuple[nn.Linear, nn.Linear], tuple(self))
        width, hidden, out = (
            first.in_features,
            first.out_features,
            second.out_features,
        )
        rows = x.numel() // width
        if rows * (width * hidden + hidden * out - width * out) <= (
            width * hidden * out
        ):
            return super().forward(x)
        return F.linear(
            x,
            second.weight @ first.weight,
            F.linear(first.bias, second.weight, second.bias),
        )

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """The one map that they are, as they are now."""
        first, second = cast(Tuple[nn.Linear, nn.Linear], tuple(self))
        one = nn.Linear(first.in_features, second.out_features)
        one.weight.copy_(second.weight @ first.weight)
        one.bias.copy_(second(first.bias))
        return one.to(first.weight.device)
