from typing import Dict, Optional, Sequence, Tuple

import torch
from mmaction.registry import MODELS

from ...choices import check_choice
from ..layers import PostNormEncoder, learned, prepend
from ..utils import Samples, freeze, target_views
from .token_neck import TokenNeck


@MODELS.register_module()
class ClassTokenNeck(TokenNeck):
    """STAM's transformer over time: frame tokens in, one vector per view out.

    A class token before the frames, a learned position table, ``depth``
    post-norm layers, a final norm. The weights have the names of
    ``aggregate`` in STAM's files. This is what UDAVT trains in its second
    phase; the attention of the last layer may differ (+TAM, +DTAB).

    Source: Sharir et al., https://arxiv.org/abs/2103.13915; UDAVT (da Costa
    et al., ICPR 2022).

    Args:
        in_channels (int): Width ``C`` of the tokens and of the feature.
            Defaults to 768.
        num_frames (int): Time steps ``T`` of a view. Defaults to 16.
        depth (int): Number of layers. Defaults to 6.
        num_heads (int): Heads of a layer. Defaults to 8.
        hidden_channels (int): Width of the feed-forward layers.
            Defaults to 2048.
        dropout (float): Of the layers. Defaults to 0.1.
        attention (dict): Attention of the layers. Defaults to
            ``dict(type='MultiheadSelfAttention', dropout=0.1)``.
        last_attention (dict, optional): Attention of the last layer; None
            for the same as the others. Defaults to None.
        readout (str): ``'class_token'`` or ``'mean'``, that of the frames'
            tokens, for which TAM must scale all rows
            (``class_token=False``). Defaults to ``'class_token'``.
        trainable (Sequence[str], optional): Parameters with one of these in
            their name are trained, by default all.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int = 768,
        num_frames: int = 16,
        depth: int = 6,
        num_heads: int = 8,
        hidden_channels: int = 2048,
        dropout: float = 0.1,
        attention: dict = dict(type='MultiheadSelfAttention', dropout=0.1),
        last_attention: Optional[dict] = None,
        readout: str = 'class_token',
        trainable: Optional[Sequence[str]] = None,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(in_channels, num_frames, in_channels, init_cfg)
        check_choice('neck.readout', readout, ('class_token', 'mean'))
        self.readout = readout
        self.cls_token = learned(1, 1, in_channels)
        self.pos_embed = learned(1, num_frames + 1, in_channels)
        attentions = [attention] * (depth - 1) + [last_attention or attention]
        self.transformer_enc = PostNormEncoder(
            in_channels, num_heads, attentions, hidden_channels, dropout
        )
        freeze(self, trainable)

    def forward(
        self, x: torch.Tensor, data_samples: Optional[Samples] = None
    ) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
        """Encode the views.

        Args:
            x (torch.Tensor): Tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; None at test, where every row is a target.

        Returns:
            tuple: ``[B, V, C]`` and a dict of losses of the attentions.
        """
        is_target = target_views(data_samples, x)
        tokens, losses = self.transformer_enc(self.embed(x), is_target)
        if self.readout == 'mean':
            feats = tokens[:, 1:].mean(1)
        else:
            feats = tokens[:, 0]
        return feats.unflatten(0, x.shape[:2]), losses

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[B, V, T, C]`` to ``[B * V, 1 + T, C]``."""
        self.check_tokens(x)
        return prepend(self.cls_token, x.flatten(0, 1)) + self.pos_embed

    @torch.no_grad()
    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Weight of each frame in the last layer, ``[B, V, T]``."""
        weights = self.transformer_enc.step_weights(self.embed(x))
        # Without the share of the class token, where an attention names it.
        weights = weights[:, -x.shape[2] :]
        weights = weights / weights.sum(-1, keepdim=True)
        return weights.unflatten(0, x.shape[:2])
