from typing import List, Sequence

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ..losses import at_least_float32
from ..utils import freeze, init_seed
from .uda_cls_head import UDAClsHead


@MODELS.register_module()
class MLPClsHead(UDAClsHead):
    """MLP classifier that may be fixed at its random initial weights.

    TransferAttn trains the encoder against an untrained classifier. The
    paper calls it an MLP, the authors' code is one linear map; one layer is
    the default. A frozen random classifier is part of the experiment: its
    seed draws it, whatever else was drawn before.

    Args:
        num_classes (int): Number of classes ``K``.
        in_channels (int): Width ``d`` of a feature.
        hidden_channels (Sequence[int]): Widths of hidden layers, each
            followed by ReLU. Defaults to ().
        frozen (bool): Never train the weights. Defaults to True.
        seed (int): Draws the initial weights. Defaults to 0.
        kwargs: Other arguments of :class:`UDAClsHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        hidden_channels: Sequence[int] = (),
        frozen: bool = True,
        seed: int = 0,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        widths = [in_channels, *hidden_channels, num_classes]
        layers: List[nn.Module] = []
        with init_seed(seed):
            for width, out in zip(widths[:-1], widths[1:]):
                layers += [nn.Linear(width, out), nn.ReLU()]
        self.mlp: nn.Module = nn.Sequential(*layers[:-1])
        if frozen:
            freeze(self.mlp)

    def forward(self, x: torch.Tensor, **kwargs) -> torch.Tensor:
        """Map features ``[..., d]`` to float32 logits ``[..., K]``."""
        return at_least_float32(self.mlp(x))
