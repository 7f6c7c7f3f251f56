import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule


@MODELS.register_module()
class RawClips(BaseModule):
    """No backbone: clips go to the neck as the preprocessor gives them.

    For necks that encode frames themselves, such as :class:`TranSVAENeck`
    with an ``encoder``.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the clips.

        Args:
            x (torch.Tensor): ``[B, V, 3, T, H, W]``.
        """
        return x
