from typing import Sequence

import torch.nn as nn
from mmaction.registry import MODELS


@MODELS.register_module()
class LeakyMLP(nn.Sequential):
    """Linear maps, each followed by a leaky ReLU, the last one too.

    Args:
        widths (Sequence[int]): Of the input, of what lies between, and of
            the output.
        negative_slope (float): Defaults to 0.1.
    """

    def __init__(
        self, widths: Sequence[int], negative_slope: float = 0.1
    ) -> None:
        layers = []
        for width, out in zip(widths[:-1], widths[1:]):
            layers += [nn.Linear(width, out), nn.LeakyReLU(negative_slope)]
        super().__init__(*layers)
