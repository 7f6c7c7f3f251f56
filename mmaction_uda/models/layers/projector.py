from typing import Sequence

import torch.nn as nn

from ..utils import freeze, init_seed


class Projector(nn.Sequential):
    """MLP with LayerNorm and ReLU between its linear maps.

    Args:
        in_channels (int): Width of the input.
        channels (Sequence[int]): Width after each linear map.
            Defaults to (1024, 1024, 1024).
        frozen (bool): Keep the random initial weights. Defaults to True.
        seed (int): Draws the initial weights. Defaults to 0.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int] = (1024, 1024, 1024),
        frozen: bool = True,
        seed: int = 0,
    ) -> None:
        layers = []
        with init_seed(seed):
            for width, out in zip([in_channels, *channels], channels):
                layers += [nn.Linear(width, out), nn.LayerNorm(out), nn.ReLU()]
        super().__init__(*layers[:-2])
        if frozen:
            freeze(self)
