from typing import Dict, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ...choices import check_choice
from ..layers import FrameRelations
from ..utils import Samples, build_part
from .relation_neck import RelationNeck, build_relation_heads


@MODELS.register_module()
class TRNNeck(RelationNeck):
    """TA3N's neck: relations of a few frames, aligned where they differ.

    A map shared by the frames, then :class:`RelationNeck`, or the mean.
    Co-STAR's has no map of frames and two maps a scale.

    Source: TA3N (Chen et al., ICCV 2019). As there, the maps of the
    relations and the domain heads on them keep PyTorch's initial weights:
    give ``init_cfg`` an ``override`` for ``frame_map``.

    Args:
        in_channels (int): Width ``C`` of the backbone's tokens.
        num_frames (int): Time steps ``T`` of a view. Defaults to 5.
        embed_dims (int, optional): Width of a frame's feature; None for the
            tokens as they are. Defaults to 512.
        relation_channels (int, optional): Width of :math:`r_g`; None for
            the mean over frames in place of relations (TemPooling).
            Defaults to 256.
        dropout (float): On frames and on the result, or inside the scales
            where these have two maps. Defaults to 0.5.
        frame_head (dict, optional): Domain head of the frames, with the
            loss ``loss_domain_frame``. See :class:`DomainHead`.
        relation_head (dict, optional): Domain head of a scale, one each,
            with the loss ``loss_domain_relation``, a mean over scales.
        domain_attention (bool): Needs ``relation_head``. Defaults to False.
        num_subsets, hidden_channels: See :class:`FrameRelation`. Default to
            3 and None.
        scale_fusion (str): ``'sum'`` of the scales or their ``'mean'``.
            Defaults to ``'sum'``.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: int = 5,
        embed_dims: Optional[int] = 512,
        relation_channels: Optional[int] = 256,
        dropout: float = 0.5,
        frame_head: Optional[dict] = None,
        relation_head: Optional[dict] = None,
        domain_attention: bool = False,
        num_subsets: int = 3,
        hidden_channels: Optional[int] = None,
        scale_fusion: str = 'sum',
        init_cfg: Optional[dict] = None,
    ) -> None:
        width = embed_dims or in_channels
        super().__init__(
            in_channels, num_frames, relation_channels or width, init_cfg
        )
        check_choice('neck.scale_fusion', scale_fusion, ('sum', 'mean'))
        if hidden_channels and not relation_channels:
            raise ValueError(
                'neck.hidden_channels needs neck.relation_channels'
            )
        self.frame_map: nn.Module = nn.Identity()
        if embed_dims is not None:
            self.frame_map = nn.Sequential(
                nn.Linear(in_channels, embed_dims),
                nn.ReLU(),
                nn.Dropout(dropout),
            )
        self.frame_head = build_part(frame_head, in_channels=width)
        self.relations = FrameRelations(
            num_frames,
            width,
            relation_channels,
            num_subsets=num_subsets,
            hidden_channels=hidden_channels,
            dropout=dropout,
        )
        self.relation_heads = build_relation_heads(
            relation_head, self.relations, relation_channels, domain_attention
        )
        self.domain_attention = domain_attention
        self.scale_fusion = scale_fusion
        self.dropout = nn.Dropout(0.0 if hidden_channels else dropout)

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test.

        Returns:
            tuple: ``[B, V, d]`` and a dict of losses of the domain heads.
        """
        self.check_tokens(x)
        frames = self.frame_map(x)
        losses = {}
        if self.frame_head is not None and data_samples is not None:
            answers = self.frame_head(frames)
            found = self.frame_head.loss_by_feat(answers, data_samples)
            losses['loss_domain_frame'] = found['loss_domain']
            losses['domain_acc_frame'] = found['domain_acc']
        feature, found = self.relate(frames, data_samples)
        return feature, {**losses, **found}
