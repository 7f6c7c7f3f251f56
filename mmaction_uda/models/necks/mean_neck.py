from typing import Dict, Optional, Tuple

import torch
from mmaction.registry import MODELS
from torch import nn

from ..utils import Samples
from .token_neck import TokenNeck


@MODELS.register_module()
class MeanNeck(TokenNeck):
    """The mean of a backbone's tokens over time.

    Args:
        in_channels (int): Width ``C`` of the tokens.
        num_frames (int, optional): Time steps ``T`` of a view, by default
            any number.
        dropout (float): Of the mean. Defaults to 0.
        norm (bool): A layer norm behind the mean. Defaults to False.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: Optional[int] = None,
        dropout: float = 0.0,
        norm: bool = False,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, in_channels, init_cfg)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(in_channels) if norm else nn.Identity()

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Map tokens ``[B, V, T, C]`` to ``[B, V, C]``; no loss."""
        self.check_tokens(x)
        return self.dropout(self.norm(x.mean(2))), {}
