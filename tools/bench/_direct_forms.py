"""What our fast forms are measured against and tested to equal.

Written as one writes the formulas down: every view and domain goes through
the encoder by itself, a discriminator is called for queries and for keys,
attention keeps its ``T x T`` tensors, pairs of equal class are listed.
"""

from typing import List, Sequence

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.structures import ActionDataSample

from mmaction_uda.models import UDARecognizer
from mmaction_uda.models.layers import (
    Discriminator,
    MultiheadDomainTransferableAttention,
    TransformerBlock,
)
from mmaction_uda.models.necks import TransformerNeck


def attention(q, k, v, scale: float, dropout: float) -> torch.Tensor:
    """``Dropout(softmax(scale q k^T)) v`` of ``[..., T, d]``."""
    weights = (q @ k.transpose(-2, -1) * scale).softmax(-1)
    return F.dropout(weights, dropout) @ v


def discriminator(net: Discriminator, x: torch.Tensor) -> torch.Tensor:
    """Probabilities, layer after layer."""
    for layer in net:
        if isinstance(layer, nn.Dropout):
            x = F.dropout(x, layer.p, net.training)
        else:
            x = layer(x)
    return x.squeeze(-1).sigmoid()


def mdta(
    attn: MultiheadDomainTransferableAttention, x: torch.Tensor
) -> torch.Tensor:
    """MDTA of ``x [N, T, C]``, every token with the target's label."""

    def error(heads: torch.Tensor) -> torch.Tensor:
        p = discriminator(attn.discriminator, attn.grl(heads))
        ones = torch.ones_like(p)
        return attn.grl(F.binary_cross_entropy(p, ones, reduction='none'))

    q, k, v = (
        F.linear(x, weight, bias)
        .unflatten(-1, (attn.num_heads, -1))
        .transpose(1, 2)
        for weight, bias in zip(
            attn.in_proj_weight.chunk(3), attn.in_proj_bias.chunk(3)
        )
    )
    out = attention(
        error(q).unsqueeze(-1),
        error(k).unsqueeze(-1),
        v,
        v.shape[-1] ** -0.5,
        attn.dropout if attn.training else 0.0,
    )
    out = attn.out_proj(out.transpose(1, 2).flatten(2))
    return F.dropout(out, attn.proj_drop.p, attn.training)


def block(layer: TransformerBlock, x: torch.Tensor) -> torch.Tensor:
    """Pre-norm block with torch's own attention, or with MDTA."""
    attn, y = layer.attn, layer.norm1(x)
    if isinstance(attn, MultiheadDomainTransferableAttention):
        x = x + mdta(attn, y)
    else:
        y = y.transpose(0, 1)
        x = x + F.multi_head_attention_forward(
            *(y, y, y, y.shape[-1], attn.num_heads),
            *(attn.in_proj_weight, attn.in_proj_bias, None, None, False),
            attn.dropout,
            *(attn.out_proj.weight, attn.out_proj.bias, attn.training),
            need_weights=False,
        )[0].transpose(0, 1)
    hidden = layer.mlp[0](layer.norm2(x))
    return x + layer.mlp[2](hidden * torch.sigmoid(1.702 * hidden))


def encoder(neck: TransformerNeck, x: torch.Tensor) -> torch.Tensor:
    """Features ``[N, d]`` of tokens ``[N, T, C]``."""
    first, second = neck.patch_embed
    x = second(first(x)) + neck.temporal_embed
    for layer in neck.blocks:
        assert isinstance(layer, TransformerBlock)
        x = block(layer, x)
    return x.mean(1)


def information_bottleneck(
    source: torch.Tensor,
    target: torch.Tensor,
    labels: Sequence[int],
    pseudo_labels: Sequence[int],
) -> torch.Tensor:
    """Bottleneck loss of ``[S, D]`` and ``[T, D]`` by a list of pairs."""
    pairs = [
        (source[i], target[j])
        for i, label in enumerate(labels)
        for j, pseudo_label in enumerate(pseudo_labels)
        if label == pseudo_label and label >= 0
    ]
    if len(pairs) <= 2:
        return source.sum() * 0
    z_s, z_t = map(torch.stack, zip(*pairs))
    z_s, z_t = (
        (z - z.mean(0)) / (z.var(0, unbiased=False) + 1e-5).sqrt()
        for z in (z_s, z_t)
    )
    c = z_s.T @ z_t / len(pairs)
    eye = torch.eye(len(c), dtype=torch.bool, device=c.device)
    return (c[eye] - 1).square().sum() + 0.005 * c[~eye].square().sum()


class DirectStep:
    """Loss of the released TransferAttn, with the weights of ``model``."""

    def __init__(self, model: UDARecognizer) -> None:
        self.model = model

    def loss(
        self, x: torch.Tensor, data_samples: List[ActionDataSample]
    ) -> torch.Tensor:
        """Sum of the losses of tokens ``[2B, V, T, C]``, source first."""
        half = len(x) // 2
        labels = torch.cat([s.gt_label for s in data_samples[:half]])
        losses = [
            self._view_loss(x[:half, v], x[half:, v], labels.to(x.device))
            for v in range(x.shape[1])
        ]
        return sum(losses[1:], losses[0]) / len(losses)

    def _view_loss(
        self, source: torch.Tensor, target: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        model = self.model
        assert model.feature_scale is not None  # it is 1 / 0.07
        feats, domain_losses = [], []
        for domain, x in enumerate((source, target)):
            pooled = encoder(model.neck, x)
            feats.append(model.feature_scale * F.normalize(pooled, dim=-1))
            head = model.domain_head
            p = discriminator(head.discriminator, head.grl(feats[-1]))
            wanted = torch.full_like(p, domain)
            domain_losses.append(F.binary_cross_entropy(p, wanted))
        feats_s, feats_t = feats
        logits_s, logits_t = map(model.cls_head.mlp, feats)
        p = logits_t.softmax(-1)
        return (
            F.cross_entropy(logits_s, labels)
            - (p * p.log()).mean()
            + (domain_losses[0] + domain_losses[1])
            + self._bottleneck(feats_s, feats_t, labels, logits_t.argmax(-1))
        )

    def _bottleneck(self, source, target, labels, pseudo_labels):
        head = self.model.ib_head
        source, target = head.projector(source), head.projector(target)
        loss = information_bottleneck(
            torch.cat((source, head.queue)),
            target,
            torch.cat((labels, head.queue_labels)).tolist(),
            pseudo_labels.tolist(),
        )
        head._enqueue(source.detach(), labels)
        return head.loss_weight * loss
