from collections import defaultdict
from typing import Any, Dict, List, Optional, Tuple

import torch
from mmaction.registry import MODELS
from mmengine.model import ModuleList

from ..utils import Samples
from .token_neck import TokenNeck


@MODELS.register_module()
class MultiModalNeck(TokenNeck):
    """One encoder for every modality; their features are views of a video.

    Channels of the tokens are those of the modalities, one after the other
    and equally many, as :class:`TwoStreamBackbone` gives them. Features of a
    modality lie behind one another on the axis of views, so the heads see
    each alone, losses are means over modalities, and the score of a video is
    the mean of their logits (late fusion).

    Args:
        in_channels (int): Width of the tokens, all modalities together.
        neck (dict): Config of the encoder of a modality; its
            ``in_channels`` is filled in, and ``num_frames`` where it is given
            here.
        num_frames (int, optional): Time steps ``T`` of a view, by default
            those that ``neck`` says.
        num_modalities (int): ``M``. Defaults to 2.
        shared (bool): One encoder, the same weights for all modalities.
            Defaults to False.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        neck: dict,
        num_frames: Optional[int] = None,
        num_modalities: int = 2,
        shared: bool = False,
        init_cfg: Optional[dict] = None,
    ) -> None:
        if num_modalities < 1 or in_channels % num_modalities:
            raise ValueError(
                f'neck.in_channels={in_channels} is no multiple of '
                f'neck.num_modalities={num_modalities}: modalities have '
                'equally many channels'
            )
        shape = dict(in_channels=in_channels // num_modalities)
        if num_frames is not None:
            shape['num_frames'] = num_frames
        necks = [
            MODELS.build({**neck, **shape})
            for _ in range(1 if shared else num_modalities)
        ]
        width = necks[0].out_channels
        super().__init__(in_channels, num_frames, width, init_cfg)
        self.num_modalities = num_modalities
        self.necks = ModuleList(necks)

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views of every modality.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test.

        Returns:
            tuple: ``[B, M * V, d]``, the views of the first modality first,
            and a dict of the encoders' losses, means over modalities.
        """
        found, losses = [], defaultdict(list)
        for neck, tokens in self._split(x):
            pooled, neck_losses = neck(tokens, data_samples)
            found.append(pooled)
            for name, loss in neck_losses.items():
                losses[name].append(loss)
        means = {k: torch.stack(v).mean(0) for k, v in losses.items()}
        return torch.cat(found, dim=1), means

    @torch.no_grad()
    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Weight of each frame by modality and view, ``[B, M * V, T]``."""
        pairs = self._split(x)
        return torch.cat([neck.frame_weights(part) for neck, part in pairs], 1)

    def _split(self, x: torch.Tensor) -> List[Tuple[Any, torch.Tensor]]:
        """Every encoder and its tokens ``[B, V, T, C / M]``."""
        if x.size(-1) != self.in_channels:
            raise ValueError(
                f'MultiModalNeck expects {self.in_channels} channels, '
                f'{self.num_modalities} modalities together, got tokens '
                f'{tuple(x.shape)}: set neck.in_channels to their width'
            )
        parts = x.chunk(self.num_modalities, dim=-1)
        return [
            (self.necks[i % len(self.necks)], part)
            for i, part in enumerate(parts)
        ]
