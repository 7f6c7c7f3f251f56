from math import comb
from typing import Dict, List, Optional, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModule, ModuleList

from ..layers import Dropout
from ..losses import binary_entropy
from ..utils import check_tokens


def spread_subsets(num_frames: int, size: int, limit: int = 3) -> List[List]:
    """A few of the ordered subsets of the frames, evenly spaced.

    Of all ``n`` in lexicographic order, ``m = min(limit, n)`` are taken,
    those at ``ceil(i n / m)``.

    Args:
        num_frames (int): Frames to choose from.
        size (int): Frames of a subset.
        limit (int): At most so many subsets. Defaults to 3.

    Returns:
        list[list[int]]: Frame numbers, ascending.
    """

    def subset(rank: int) -> List[int]:
        # Counted, not listed: 53 frames have 10^15 subsets of 26.
        chosen, frame = [], 0
        while len(chosen) < size:
            with_frame = comb(num_frames - frame - 1, size - len(chosen) - 1)
            if rank < with_frame:
                chosen.append(frame)
            else:
                rank -= with_frame
            frame += 1
        return chosen

    total = comb(num_frames, size)
    count = min(limit, total)
    return [subset(-(-i * total // count)) for i in range(count)]


class FrameRelation(nn.Sequential):
    """One scale of a temporal relation network (TRN).

    Every chosen subset of ``size`` frames is concatenated and goes through
    the same map; the sum over the subsets is the feature of the scale.

    Args:
        num_frames (int): Frames of a view.
        size (int): Frames of a subset.
        in_channels (int): Width of a frame.
        out_channels (int): Width of the feature.
    """

    def __init__(
        self, num_frames: int, size: int, in_channels: int, out_channels: int
    ) -> None:
        super().__init__(
            nn.ReLU(), nn.Linear(size * in_channels, out_channels), nn.ReLU()
        )
        subsets = torch.tensor(spread_subsets(num_frames, size))
        self.register_buffer('subsets', subsets, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map frames ``[B, V, T, C]`` to ``[B, V, D]``."""
        return super().forward(x[:, :, self.subsets].flatten(-2)).sum(-2)


def _build_head(cfg: Optional[dict], in_channels: int):
    return cfg and MODELS.build({'in_channels': in_channels, **cfg})


@MODELS.register_module()
class TRNNeck(BaseModule):
    r"""TA3N's neck: relations of a few frames, aligned where they differ.

    A map shared by the frames, then a feature :math:`r_g` for every scale
    :math:`g = T, \ldots, 2` (:class:`FrameRelation`) and their sum. With
    domain attention a scale whose domain is easily told weighs more:

    .. math:: f = dropout(\sum_g (1 + w_g) r_g), \quad w_g = 1 - H(d_g)

    with :math:`H(d_g)` the entropy, in nats, of the answer of the scale's
    domain head. ``w`` is not detached: the gradient of the task reaches the
    head and, reversed, the scale.

    Source: TA3N (Chen et al., ICCV 2019). Lists of subsets are
    lexicographic. As there, the maps of the relations keep PyTorch's initial
    weights: give ``init_cfg`` an ``override`` for ``frame_map``.

    Args:
        in_channels (int): Width ``C`` of the backbone's tokens.
        num_frames (int): Time steps ``T`` of a view. Defaults to 5.
        embed_dims (int): Width of a frame's feature. Defaults to 512.
        relation_channels (int, optional): Width of :math:`r_g`; None for
            the mean over frames in place of relations (TemPooling).
            Defaults to 256.
        dropout (float): On frames and on the result. Defaults to 0.5.
        frame_head (dict, optional): Domain head of the frames, with the
            loss ``loss_domain_frame``. See :class:`DomainHead`.
        relation_head (dict, optional): Domain head of a scale, one each,
            with the loss ``loss_domain_relation``, a mean over scales.
        domain_attention (bool): Needs ``relation_head``. Defaults to False.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: int = 5,
        embed_dims: int = 512,
        relation_channels: Optional[int] = 256,
        dropout: float = 0.5,
        frame_head: Optional[dict] = None,
        relation_head: Optional[dict] = None,
        domain_attention: bool = False,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if domain_attention and not relation_head:
            raise ValueError('neck.domain_attention needs neck.relation_head')
        if relation_head and not relation_channels:
            raise ValueError('neck.relation_head needs neck.relation_channels')
        if num_frames < 2:
            raise ValueError(f'num_frames must be > 1, got {num_frames}')
        self.in_channels = in_channels
        self.num_frames = num_frames
        self.out_channels = relation_channels or embed_dims
        self.domain_attention = domain_attention
        self.frame_map = nn.Sequential(
            nn.Linear(in_channels, embed_dims), nn.ReLU(), Dropout(dropout)
        )
        self.frame_head = _build_head(frame_head, embed_dims)
        scales = range(num_frames, 1, -1) if relation_channels else ()
        self.relations = nn.ModuleList(
            FrameRelation(num_frames, size, embed_dims, relation_channels)
            for size in scales
        )
        self.relation_heads = ModuleList(  # it passes init_weights on
            _build_head(relation_head, relation_channels)
            for _ in scales
            if relation_head
        )
        self.dropout = Dropout(dropout)

    def forward(
        self,
        x: torch.Tensor,
        data_samples: Optional[List[ActionDataSample]] = None,
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (list[:obj:`ActionDataSample`], optional): ``B``
                samples that carry ``domain``; None at test.

        Returns:
            tuple: ``[B, V, d]`` and a dict of losses of the domain heads.
        """
        check_tokens(self, x, self.num_frames)
        frames = self.frame_map(x)
        losses = {}
        if self.frame_head is not None and data_samples is not None:
            found = self.frame_head.loss(frames, data_samples)
            losses['loss_domain_frame'] = found['loss_domain']
        if not self.relations:
            return self.dropout(frames.mean(2)), losses
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
