from typing import Dict, List, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule, ModuleList

from ..layers import Dropout, FrameRelation
from ..losses import binary_entropy


def build_domain_head(cfg: Optional[dict], in_channels: int):
    """Build a domain head, unless there is none."""
    return cfg and MODELS.build({'in_channels': in_channels, **cfg})


class RelationNeck(BaseModule):
    r"""Base of necks that sum up relations of a few frames (TA3N, TranSVAE).

    A feature :math:`r_g` for every scale :math:`g = T, \ldots, 2`
    (:class:`FrameRelation`) and their sum. With domain attention a scale
    whose domain is easily told weighs more:

    .. math:: f = dropout(\sum_g (1 + w_g) r_g), \quad w_g = 1 - H(d_g)

    with :math:`H(d_g)` the entropy, in nats, of the answer of the scale's
    domain head. ``w`` is not detached: the gradient of the task reaches the
    head and, reversed, the scale.

    Source: TA3N (Chen et al., ICCV 2019). Lists of subsets are
    lexicographic.
    """

    def build_relations(
        self,
        num_frames: int,
        in_channels: int,
        out_channels: Optional[int],
        dropout: float,
        head: Optional[dict],
        domain_attention: bool,
    ) -> None:
        """Make what :meth:`relate` needs.

        Args:
            num_frames (int): Frames ``T`` of a view.
            in_channels (int): Width of a frame.
            out_channels (int, optional): Width of a scale; None for no
                relations.
            dropout (float): On the result.
            head (dict, optional): Domain head of a scale, one each.
            domain_attention (bool): Needs ``head``.
        """
        if domain_attention and not head:
            raise ValueError('neck.domain_attention needs neck.relation_head')
        if head and not out_channels:
            raise ValueError('neck.relation_head needs neck.relation_channels')
        if num_frames < 2:
            raise ValueError(f'num_frames must be > 1, got {num_frames}')
        self.num_frames = num_frames
        self.out_channels = out_channels or in_channels
        self.domain_attention = domain_attention
        scales = range(num_frames, 1, -1) if out_channels else ()
        self.relations = nn.ModuleList(
            FrameRelation(num_frames, size, in_channels, out_channels)
            for size in scales
        )
        self.relation_heads = ModuleList(  # it passes init_weights on
            build_domain_head(head, out_channels) for _ in scales if head
        )
        self.dropout = Dropout(dropout)

    def relate(
        self,
        frames: torch.Tensor,
        data_samples: Optional[List[ActionDataSample]] = None,
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Sum up the relations of frames ``[B, V, T, C]``.

        Returns:
            tuple: ``[B, V, d]`` and a dict that holds
            ``loss_domain_relation``, a mean over scales, if there are heads.
        """
        losses = {}
        scales = torch.stack([r(frames) for r in self.relations], 2)
        if self.relation_heads:
            pairs = zip(self.relation_heads, scales.unbind(2))
            logits = torch.stack([head(scale) for head, scale in pairs], 2)
            if data_samples is not None:
                # Equal weights: one mean over the rows of all scales.
                head = self.relation_heads[0]
                found = head.loss_by_feat(logits, data_samples)
                losses['loss_domain_relation'] = found['loss_domain']
            if self.domain_attention:
                weights = 2 - binary_entropy(logits)  # 1 + w
                scales = scales * weights.to(scales.dtype).unsqueeze(-1)
        return self.dropout(scales.sum(2)), losses
