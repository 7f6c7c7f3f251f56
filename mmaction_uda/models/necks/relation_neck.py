from typing import Dict, Optional, Tuple

import torch
from mmengine.model import ModuleList
from torch import Tensor, nn

from ..layers import FrameRelations
from ..losses import binary_entropy
from ..utils import Samples, build_part
from .token_neck import TokenNeck


def build_relation_heads(
    cfg: Optional[dict],
    relations: FrameRelations,
    in_channels: Optional[int],
    domain_attention: bool,
) -> ModuleList:
    """Build a domain head for every scale, or none.

    Args:
        cfg (dict, optional): Config of a head.
        relations (FrameRelations): The scales.
        in_channels (int, optional): Width of a scale.
        domain_attention (bool): Whether the heads weigh the scales.

    Raises:
        ValueError: If there are no heads to weigh by, or no scales for them.
    """
    if domain_attention and not cfg:
        raise ValueError('neck.domain_attention needs neck.relation_head')
    if cfg and not in_channels:
        raise ValueError('neck.relation_head needs neck.relation_channels')
    return ModuleList(  # it passes init_weights on
        build_part(cfg, in_channels=in_channels) for _ in relations if cfg
    )


class RelationNeck(TokenNeck):
    r"""Base of necks that sum up relations of a few frames (TA3N, TranSVAE).

    A feature :math:`r_g` for every scale :math:`g = T, \ldots, 2`
    (:class:`FrameRelation`) and their sum. With domain attention a scale
    whose domain is easily told weighs more:

    .. math:: f = dropout(\sum_g (1 + w_g) r_g), \quad w_g = 1 - H(d_g)

    with :math:`H(d_g)` the entropy, in nats, of the answer of the scale's
    domain head. ``w`` is not detached: the gradient of the task reaches the
    head and, reversed, the scale.

    Without scales the mean over frames takes the place of the sum. With
    ``scale_fusion='mean'`` the sum is divided by the number of scales. Parts
    are made by the necks, in the order in which their weights are drawn.

    Source: TA3N (Chen et al., ICCV 2019). Lists of subsets are
    lexicographic.
    """

    relations: FrameRelations
    relation_heads: ModuleList  # one a scale, or empty
    domain_attention: bool
    dropout: nn.Module
    scale_fusion = 'sum'

    def relate(
        self, frames: Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[Tensor, Dict[str, Tensor]]:
        """Sum up the relations of frames.

        Args:
            frames (Tensor): ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test.

        Returns:
            tuple: ``[B, V, d]`` and a dict that holds
            ``loss_domain_relation`` and ``domain_acc_relation``, means over
            scales, if there are heads.
        """
        losses: Dict[str, Tensor] = {}
        if not self.relations:
            return self.dropout(frames.mean(2)), losses
        scales = self.relations(frames)
        if self.relation_heads:
            pairs = zip(self.relation_heads, scales.unbind(2))
            logits = torch.stack([head(scale) for head, scale in pairs], 2)
            if data_samples is not None:
                # Equal weights: one mean over the rows of all scales.
                head = self.relation_heads[0]
                found = head.loss_by_feat(logits, data_samples)
                losses['loss_domain_relation'] = found['loss_domain']
                losses['domain_acc_relation'] = found['domain_acc']
            if self.domain_attention:
                weights = 2 - binary_entropy(logits)  # 1 + w
                scales = scales * weights.to(scales.dtype).unsqueeze(-1)
        mean = self.scale_fusion == 'mean'
        fused = scales.mean(2) if mean else scales.sum(2)
        return self.dropout(fused), losses
