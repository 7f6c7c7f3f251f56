import torch
import torch.nn as nn

from ..kernels import (
    draw_seed,
    eager_on_cpu,
    keep_mask,
    keep_share,
    random_bits,
)


class Dropout(nn.Dropout):
    """:class:`torch.nn.Dropout` with cheap draws on CPUs."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Drop elements of ``x`` (any shape) in training."""
        if self.training and 0 < self.p < 1 and eager_on_cpu(x):
            mask = keep_mask(x, self.p, random_bits(draw_seed()))
            return x * mask.mul_(1 / keep_share(self.p))
        return super().forward(x)
