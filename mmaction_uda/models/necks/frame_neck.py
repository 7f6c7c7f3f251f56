from typing import Dict, Optional, Tuple

from mmaction.registry import MODELS
from torch import Tensor

from ..utils import Samples
from .token_neck import TokenNeck


@MODELS.register_module()
class FrameNeck(TokenNeck):
    """Frames as they are, each a view of its video.

    Args:
        in_channels (int): Width ``C`` of the tokens.
        num_frames (int, optional): Time steps ``T`` of a view, by default
            any number.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: Optional[int] = None,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, in_channels, init_cfg)

    def forward(
        self, x: Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[Tensor, Dict[str, Tensor]]:
        """Map tokens ``[B, V, T, C]`` to ``[B, V * T, C]``; no loss."""
        self.check_tokens(x)
        return x.flatten(1, 2), {}
