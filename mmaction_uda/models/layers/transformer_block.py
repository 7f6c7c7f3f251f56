from typing import Dict, List, Optional, Sequence, Tuple, cast

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS


class QuickGELU(nn.Module):
    """``x * sigmoid(1.702 x)``."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply to any shape."""
        return F.silu(1.702 * x) / 1.702


class TransformerBlock(nn.Module):
    """Pre-norm block; with MDTA as its attention it is the paper's DTAB.

    ``x + Attention(LN(x))``, then ``x + MLP(LN(x))``.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads.
        attention (dict): Config of the attention; ``embed_dims`` and
            ``num_heads`` are filled in.
        mlp_ratio (int): Hidden width of the MLP over ``C``. Defaults to 4.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        attention: dict,
        mlp_ratio: int = 4,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dims)
        self.attn = MODELS.build(
            dict(embed_dims=embed_dims, num_heads=num_heads, **attention)
        )
        self.norm2 = nn.LayerNorm(embed_dims)
        self.mlp = nn.Sequential(
            nn.Linear(embed_dims, mlp_ratio * embed_dims),
            QuickGELU(),
            nn.Linear(mlp_ratio * embed_dims, embed_dims),
        )

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Map ``x [N, T, C]`` to ``([N, T, C], losses of the attention)``."""
        x, hidden, losses = self._hidden(x, is_target)
        return x + self.mlp[-1](hidden), losses

    def pooled(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Mean over time of :meth:`forward`, ``[N, C]``.

        The last linear map is applied to the mean of what it maps, once a
        row and not once a step.
        """
        x, hidden, losses = self._hidden(x, is_target)
        return x.mean(1) + self.mlp[-1](hidden.mean(1)), losses

    def _hidden(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor]
    ) -> tuple:
        """Stream after the attention, input of the MLP's last map."""
        out, losses = self.attn(self.norm1(x), is_target)
        x = x + out
        return x, self.mlp[:-1](self.norm2(x)), losses


class PostNormBlock(nn.Module):
    """Layer of STAM's transformer over time; with MDTA, UDAVT's DTAB.

    ``LN1(x + Attention(x))``, then ``LN2(x + W2 relu(W1 x))``, with dropout
    behind the attention, the ReLU and ``W2``. The weights have the names of
    :class:`torch.nn.TransformerEncoderLayer`, so that STAM's fit.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads.
        attention (dict): Config of the attention; ``embed_dims`` and
            ``num_heads`` are filled in.
        hidden_channels (int): Rows of ``W1``. Defaults to 2048.
        dropout (float): Defaults to 0.1.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        attention: dict,
        hidden_channels: int = 2048,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.self_attn = MODELS.build(
            dict(embed_dims=embed_dims, num_heads=num_heads, **attention)
        )
        self.linear1 = nn.Linear(embed_dims, hidden_channels)
        self.linear2 = nn.Linear(hidden_channels, embed_dims)
        self.norm1 = nn.LayerNorm(embed_dims)
        self.norm2 = nn.LayerNorm(embed_dims)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Map ``x [N, T, C]`` to ``([N, T, C], losses of the attention)``."""
        out, losses = self.self_attn(x, is_target)
        x = self.norm1(x + self.dropout(out))
        out = self.linear2(self.dropout(self.linear1(x).relu()))
        return self.norm2(x + self.dropout(out)), losses


class PostNormEncoder(nn.Module):
    """STAM's transformer over time: post-norm layers, then a final norm.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Heads of a layer.
        attentions (Sequence[dict]): Config of the attention of each layer.
        hidden_channels (int): Width of the feed-forward layers.
        dropout (float): Of the layers.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        attentions: Sequence[dict],
        hidden_channels: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            PostNormBlock(embed_dims, num_heads, a, hidden_channels, dropout)
            for a in attentions
        )
        self.norm = nn.LayerNorm(embed_dims)

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Map ``x [N, L, C]`` to ``([N, L, C], losses of the attentions)``."""
        losses: Dict[str, torch.Tensor] = {}
        for layer in self.layers:
            x, layer_losses = layer(x, is_target)
            losses.update(layer_losses)
        return self.norm(x), losses

    def step_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Share of attention that steps receive in the last layer, ``[N,
        L]``; without the class token, where the attention names it."""
        *layers, last = cast(List[PostNormBlock], list(self.layers))
        for layer in layers:
            x = layer(x)[0]
        return last.self_attn.frame_weights(x)
