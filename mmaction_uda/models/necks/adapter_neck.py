from typing import Dict, Optional, Tuple

import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from ...choices import check_choice
from ..layers import Adapter
from ..utils import Samples
from .token_neck import TokenNeck


@MODELS.register_module()
class AdapterNeck(TokenNeck):
    """An :class:`Adapter` of CLIP's frames and their mean (DALL-V).

    Args:
        in_channels (int): Width ``C`` of the tokens.
        num_frames (int, optional): Time steps ``T`` of a view, by default
            any number.
        reduction (int): See :class:`Adapter`. Defaults to 4.
        normalize (bool): Scale every frame to norm 1 first.
            Defaults to False.
        test_fusion (str): ``'before'``: at test, as in training, the mean
            over time is adapted; ``'after'``: at test the frames are, each a
            view, as in the authors' code. Defaults to ``'before'``.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: Optional[int] = None,
        reduction: int = 4,
        normalize: bool = False,
        test_fusion: str = 'before',
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, in_channels, init_cfg)
        check_choice('neck.test_fusion', test_fusion, ('before', 'after'))
        self.normalize = normalize
        self.test_fusion = test_fusion
        self.adapter = Adapter(in_channels, reduction)

    def forward(
        self, x: Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[Tensor, Dict[str, Tensor]]:
        """Map tokens ``[B, V, T, C]`` to ``[B, V, C]``, at test perhaps
        ``[B, V * T, C]``; no loss."""
        self.check_tokens(x)
        if self.normalize:
            x = F.normalize(x, dim=-1)
        if self.training or self.test_fusion == 'before':
            return self.adapter(x.mean(2)), {}
        return self.adapter(x.flatten(1, 2)), {}
