from typing import Optional

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


class Adapter(BaseModule):
    r"""Two maps around a bottleneck, :math:`W_2\, relu(W_1 x)` (DALL-V).

    No bias and no residual: a feature that is twice as long comes out twice
    as long.

    Args:
        in_channels (int): Width ``d``, also of what comes out.
        reduction (int): The bottleneck has ``d / reduction`` channels.
            Defaults to 4.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        reduction: int = 4,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        hidden = in_channels // reduction
        self.down = nn.Linear(in_channels, hidden, bias=False)
        self.up = nn.Linear(hidden, in_channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[..., d]`` to ``[..., d]``."""
        return self.up(F.relu(self.down(x)))
