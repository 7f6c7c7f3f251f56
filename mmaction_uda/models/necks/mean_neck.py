from typing import Dict, List, Optional, Tuple

import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule
from torch import nn


@MODELS.register_module()
class MeanNeck(BaseModule):
    """The mean of a backbone's tokens over time.

    Args:
        in_channels (int): Width ``C`` of the tokens.
        dropout (float): Of the mean. Defaults to 0.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        dropout: float = 0.0,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = self.out_channels = in_channels
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: torch.Tensor,
        data_samples: Optional[List[ActionDataSample]] = None,
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Map tokens ``[B, V, T, C]`` to ``[B, V, C]``; no loss."""
        if x.shape[-1] != self.in_channels:
            raise ValueError(
                f'MeanNeck expects tokens of {self.in_channels} channels, '
                f'got {tuple(x.shape)}. Set neck.in_channels.'
            )
        return self.dropout(x.mean(2)), {}
