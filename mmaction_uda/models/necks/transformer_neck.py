from typing import Dict, List, Optional, Tuple, cast

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ..layers import StackedLinear, TransformerBlock
from ..utils import Samples, target_views
from .token_neck import TokenNeck


@MODELS.register_module()
class TransformerNeck(TokenNeck):
    """TransferAttn's encoder: frame tokens in, one vector per view out.

    Patch embedding (two stacked linear maps, no non-linearity between), a
    learned temporal embedding, ``depth`` pre-norm blocks, mean over time.
    No class token, no final norm. The attention of the last block may
    differ: with MDTA there, that block is the paper's DTAB.

    Args:
        in_channels (int): Width ``C`` of the backbone's tokens.
        num_frames (int): Time steps ``T`` of a view. Defaults to 53.
        embed_dims (int): Width ``d`` of the encoder. Defaults to 512.
        hidden_channels (int): Between the two linear maps of the patch
            embedding. Defaults to 2048.
        depth (int): Number of blocks. Defaults to 4.
        num_heads (int): Heads of a block. Defaults to 8.
        attention (dict): Attention of the blocks. Defaults to
            ``dict(type='MultiheadSelfAttention')``.
        last_attention (dict, optional): Attention of the last block; None
            for the same as the others. Defaults to None.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: int = 53,
        embed_dims: int = 512,
        hidden_channels: int = 2048,
        depth: int = 4,
        num_heads: int = 8,
        attention: dict = dict(type='MultiheadSelfAttention'),
        last_attention: Optional[dict] = None,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, embed_dims, init_cfg)
        self.patch_embed = StackedLinear(
            nn.Linear(in_channels, hidden_channels),
            nn.Linear(hidden_channels, embed_dims),
        )
        self.temporal_embed = nn.Parameter(
            0.01 * torch.randn(num_frames, embed_dims)
        )
        attentions = [attention] * (depth - 1) + [last_attention or attention]
        self.blocks = nn.ModuleList(
            TransformerBlock(embed_dims, num_heads, a) for a in attentions
        )

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test, where every row is a target.

        Returns:
            tuple: ``[B, V, d]`` and a dict of losses of the attentions.
        """
        self.check_tokens(x)
        is_target = target_views(data_samples, x)
        tokens = self.embed(x)
        losses: Dict[str, torch.Tensor] = {}
        *blocks, last = self._blocks
        for block in blocks:
            tokens, block_losses = block(tokens, is_target)
            losses.update(block_losses)
        pooled, block_losses = last.pooled(tokens, is_target)
        losses.update(block_losses)
        return pooled.unflatten(0, x.shape[:2]), losses

    @property
    def _blocks(self) -> List[TransformerBlock]:
        return cast(List[TransformerBlock], list(self.blocks))

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[B, V, T, C]`` to ``[B * V, T, d]``."""
        return self.patch_embed(x.flatten(0, 1)) + self.temporal_embed

    @torch.no_grad()
    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Weight of each frame in the last block, ``[B, V, T]``."""
        self.check_tokens(x)
        tokens = self.embed(x)
        *blocks, last = self._blocks
        for block in blocks:
            tokens = block(tokens)[0]
        weights = last.attn.frame_weights(last.norm1(tokens))
        return weights.unflatten(0, x.shape[:2])
