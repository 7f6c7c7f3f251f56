import torch
import torch.nn as nn
import torch.nn.functional as F


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
    if missing:  # fused kernels take equal widths; zeros change no score
        q, k = F.pad(q, (0, missing)), F.pad(k, (0, missing))
    return F.scaled_dot_product_attention(
        q, k, v, dropout_p=dropout, scale=scale
    )


class MultiheadMaps(nn.Module):
    """What attentions share: the linear maps in and out of the heads.

    They have the names of :class:`torch.nn.MultiheadAttention`, so that the
    weights of an ordinary attention fit.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads, ``d_h = C / num_heads``.
        dropout (float): On the attention weights.
        proj_dropout (float): After the output map. Defaults to 0.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        dropout: float,
        proj_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if embed_dims % num_heads:
            raise ValueError(
                f'embed_dims={embed_dims} is not divisible by '
                f'num_heads={num_heads}'
            )
        self.num_heads = num_heads
        self.dropout = dropout
        maps = nn.Linear(embed_dims, 3 * embed_dims)
        self.in_proj_weight, self.in_proj_bias = maps.weight, maps.bias
        self.out_proj = nn.Linear(embed_dims, embed_dims)
        self.proj_drop = nn.Dropout(proj_dropout)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values ``[3, N, h, T, d_h]`` of ``[N, T, C]``."""
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        return qkv.unflatten(-1, (3, self.num_heads, -1)).permute(
            2, 0, 3, 1, 4
        )

    def attend(
        self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
    ) -> torch.Tensor:
        """Attention of queries and keys ``[N, h, T, any]`` over ``v``."""
        dropout = self.dropout if self.training else 0.0
        return attend(q, k, v, v.shape[-1] ** -0.5, dropout)

    def merge(self, out: torch.Tensor) -> torch.Tensor:
        """Map ``[N, h, T, d_h]`` to ``[N, T, C]``."""
        return self.proj_drop(self.out_proj(out.transpose(1, 2).flatten(2)))
