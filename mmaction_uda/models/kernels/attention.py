"""Attention with dropout whose memory grows with the frames, not their square.

Torch's fused kernels for CPUs refuse dropout, and queries narrower than the
values; the plain form keeps several ``T x T`` tensors for the backward pass.
"""

from typing import Iterator, Tuple

import torch
import torch.nn.functional as F

from .masks import draw_seed, eager_on_cpu, keep_mask, keep_share, random_bits

# Scores of a block, so that it stays in the cache. The draws of a mask
# depend on it.
BLOCK = 2**20


def attend(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    scale: float,
    dropout: float = 0.0,
) -> torch.Tensor:
    r""":math:`Dropout(softmax(scale\,q k^T))\,v`.

    Args:
        q (torch.Tensor): Queries ``[..., T, d]``.
        k (torch.Tensor): Keys ``[..., S, d]``; ``d`` may be less than ``D``.
        v (torch.Tensor): Values ``[..., S, D]``.
        scale (float): Of the scores.
        dropout (float): Of the weights. Defaults to 0.

    Returns:
        torch.Tensor: ``[..., T, D]``.
    """
    missing = v.shape[-1] - q.shape[-1]
    if eager_on_cpu(v) and (dropout or missing) and dropout < 1:
        flat = (x.flatten(0, -3) for x in (q * scale, k, v))
        out = _BlockedAttention.apply(*flat, dropout)
        return out.view(*v.shape[:-2], *out.shape[1:])
    if missing:  # fused kernels take equal widths; zeros change no score
        q, k = F.pad(q, (0, missing)), F.pad(k, (0, missing))
    return F.scaled_dot_product_attention(
        q, k, v, dropout_p=dropout, scale=scale
    )


class _BlockedAttention(torch.autograd.Function):
    """``attend`` of ``[N, T, d]``; backward computes the weights again."""

    @staticmethod
    def forward(ctx, q, k, v, dropout: float) -> torch.Tensor:
        ctx.dropout = dropout
        ctx.seed = draw_seed()
        out = v.new_empty(len(v), q.shape[1], v.shape[2])
        for n, i, weights, mask in _weights(ctx, q, k):
            if dropout:
                weights.mul_(mask)
            out[n, i] = weights.bmm(v[n])
        out.mul_(1 / keep_share(dropout))
        ctx.save_for_backward(q, k, v, out)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad: torch.Tensor):
        q, k, v, out = ctx.saved_tensors
        # Row sums of weights times their gradients, in closed form.
        sums = (grad * out).sum(-1, keepdim=True)
        grad = grad / keep_share(ctx.dropout)
        grads = [torch.zeros_like(x) for x in (q, k, v)]
        for n, i, weights, mask in _weights(ctx, q, k):
            kept = weights * mask if ctx.dropout else weights
            grads[2][n].baddbmm_(kept.mT, grad[n, i])
            scores = grad[n, i].bmm(v[n].mT).mul_(kept)
            scores.addcmul_(weights, sums[n, i], value=-1)
            grads[0][n, i] = _product(scores, k[n])
            grads[1][n] += _product(scores.mT, q[n, i])
        return *grads, None


def _product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """``a b``; of vectors, as MDTA has them, without a matrix product."""
    if a.shape[2] == 1:
        return a * b
    if b.shape[2] == 1:
        return (a * b.mT).sum(2, keepdim=True)
    return a.bmm(b)


def _weights(ctx, q: torch.Tensor, k: torch.Tensor) -> Iterator[Tuple]:
    """Softmax and mask of each block, the same ones at every call."""
    bits = random_bits(ctx.seed)
    rows = max(1, min(q.shape[1], BLOCK // k.shape[1]))
    items = max(1, BLOCK // (rows * k.shape[1]))
    for first in range(0, len(q), items):
        n = slice(first, first + items)
        for first_row in range(0, q.shape[1], rows):
            i = slice(first_row, first_row + rows)
            weights = _product(q[n, i], k[n].mT).softmax(-1)
            mask = None
            if ctx.dropout:
                mask = keep_mask(weights, ctx.dropout, bits)
            yield n, i, weights, mask
