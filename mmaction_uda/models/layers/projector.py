from typing import Sequence

import torch
import torch.nn as nn

from ...choices import check_choice
from ..utils import freeze, init_seed


class Projector(nn.Sequential):
    """MLP with a norm and ReLU between its linear maps.

    Args:
        in_channels (int): Width of the input.
        channels (Sequence[int]): Width after each linear map.
            Defaults to (1024, 1024, 1024).
        norm (str): ``'LN'`` (TransferAttn) or ``'BN'`` (UDAVT), a batch norm
            over all rows of a call, which keeps no statistics.
            Defaults to ``'LN'``.
        frozen (bool): Keep the random initial weights, as the code of
            both does. Defaults to True.
        seed (int): Draws the initial weights. Defaults to 0.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int] = (1024, 1024, 1024),
        norm: str = 'LN',
        frozen: bool = True,
        seed: int = 0,
    ) -> None:
        check_choice('projector.norm', norm, ('LN', 'BN'))
        layers = []
        with init_seed(seed):
            for width, out in zip([in_channels, *channels], channels):
                layers += [
                    nn.Linear(width, out),
                    nn.LayerNorm(out)
                    if norm == 'LN'
                    else nn.BatchNorm1d(out, track_running_stats=False),
                    nn.ReLU(),
                ]
        super().__init__(*layers[:-2])
        self.out_channels = channels[-1]
        if frozen:
            freeze(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[..., in_channels]`` to ``[..., channels[-1]]``."""
        rows = super().forward(x.reshape(-1, x.shape[-1]))
        return rows.unflatten(0, x.shape[:-1])
