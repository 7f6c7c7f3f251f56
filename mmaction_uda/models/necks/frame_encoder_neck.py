from typing import Dict, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ..utils import Samples, split_domains
from .token_neck import TokenNeck


@MODELS.register_module()
class FrameEncoderNeck(TokenNeck):
    """MA2LT-D's encoder: every frame by itself, then their mean.

    Two linear maps, each with a batch norm and ReLU, dropout between. A norm
    takes the statistics of one view of one domain, as clips pass one after
    the other in the authors' code: all views of the source, then all of the
    target, so that the target counts for 63 % of the running statistics with
    5 views. A domain head sees the frames before they are averaged.

    Source: MA2LT-D, its released code. Weights of linear maps are
    Xavier-normal, those of norms N(1, 0.02^2).

    Args:
        in_channels (int): Width ``C`` of the backbone's tokens.
        num_frames (int): Time steps ``T`` of a view. Defaults to 53.
        embed_dims (int): Width ``d`` of both maps. Defaults to 256.
        dropout (float): Between the maps. Defaults to 0.5.
        domain_head (dict, optional): A head on frames ``[B, V, T, d]``, see
            :class:`MultiScaleDomainHead`; its ``in_channels`` and
            ``num_frames`` are filled in. Defaults to None.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: int = 53,
        embed_dims: int = 256,
        dropout: float = 0.5,
        domain_head: Optional[dict] = None,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, embed_dims, init_cfg)
        self.frame_encoder = nn.Sequential(
            nn.Linear(in_channels, embed_dims),
            nn.BatchNorm1d(embed_dims),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(embed_dims, embed_dims),
            nn.BatchNorm1d(embed_dims),
            nn.ReLU(),
        )
        for layer in self.frame_encoder:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight)
            elif isinstance(layer, nn.BatchNorm1d):
                nn.init.normal_(layer.weight, 1.0, 0.02)
        self.domain_head = None
        if domain_head is not None:
            shape = dict(in_channels=embed_dims, num_frames=num_frames)
            self.domain_head = MODELS.build({**shape, **domain_head})

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test, where the domain head is not asked.

        Returns:
            tuple: ``[B, V, d]`` and the losses of the domain head.
        """
        self.check_tokens(x)
        frames = self.encode(x, data_samples)
        losses = {}
        if self.domain_head is not None and data_samples is not None:
            answers = self.domain_head(frames)
            losses = self.domain_head.loss_by_feat(answers, data_samples)
        return frames.mean(2), losses

    def encode(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> torch.Tensor:
        """Map ``[B, V, T, C]`` to ``[B, V, T, d]``.

        Domain after domain, view after view; without samples all rows are of
        one domain.
        """
        domains = [x]
        if data_samples is not None:
            domains = [d for d in split_domains(x, data_samples) if len(d)]
        return torch.cat([self._encode_domain(rows) for rows in domains])

    def _encode_domain(self, x: torch.Tensor) -> torch.Tensor:
        views = [self.frame_encoder(v.flatten(0, 1)) for v in x.unbind(1)]
        return torch.stack(
            [view.unflatten(0, (-1, x.shape[2])) for view in views], 1
        )
