"""Attentions that a block of :class:`TransformerNeck` can be given.

Contract: ``forward(x, is_target) -> (out, losses)`` with ``x`` and ``out``
``[N, T, C]``, ``is_target`` a bool tensor ``[N]`` or None (test: every row
takes the target branch), and ``losses`` a dict that may be empty.
"""

from typing import Annotated, Dict, Optional, Tuple, Union

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ...choices import check_choice
from ..losses import at_least_float32, binary_errors, domain_adversarial_loss
from .discriminator import Discriminator
from .gradient_reversal import GradientReversalLayer
from .multihead_maps import MultiheadMaps

AttentionOutput = Tuple[torch.Tensor, Dict[str, torch.Tensor]]


@MODELS.register_module()
class MultiheadSelfAttention(MultiheadMaps):
    """Ordinary self-attention, which knows nothing of domains.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads.
        dropout (float): On the attention weights. Defaults to 0.2.
    """

    def __init__(
        self, embed_dims: int, num_heads: int, dropout: float = 0.2
    ) -> None:
        super().__init__(embed_dims, num_heads, dropout)
        # As torch's own attention begins.
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.in_proj_bias)
        nn.init.zeros_(self.out_proj.bias)

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> AttentionOutput:
        """Mix the time steps of ``x [N, T, C]``."""
        return self.merge(self.attend(*self.split(x))), {}

    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Share of attention each step receives, ``[N, T]``, sums to 1."""
        q, k, _ = self.split(x)
        scores = q @ k.mT * q.shape[-1] ** -0.5
        return scores.softmax(-1).mean((1, 2))


@MODELS.register_module()
class MultiheadDomainTransferableAttention(MultiheadMaps):
    r"""MDTA: frames that fool a domain discriminator weigh more.

    One discriminator ``A``, shared by all heads and by queries and keys,
    rates every frame; with ``c`` the coefficient of the gradient reversal

    .. math::
        a_i = GRL_c(DDE(A(GRL_c(q_i)))), \quad
        b_j = GRL_c(DDE(A(GRL_c(k_j)))), \quad
        P_{ij} = softmax_j(s a_i b_j / \sqrt{d_h}), \quad
        out = W_O\,concat_h(P v)

    so that ``W_Q, W_K`` receive ``+c^2`` and ``A`` receives ``-c`` times the
    gradient of the task. Source: TransferAttn, Eq. 4-6.

    Readings: Eq. 6 gives source frames ``log x`` and target frames
    ``log(1 - x)``, ``x = sigmoid(A(.))`` (``'by_domain'``). The authors'
    code never tells the block which domain it sees and always takes its
    target branch, ``-log x`` with label 1 (``'always_target'``). We write
    DDE with the minus sign; it cancels in ``a_i b_j``.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads, ``d_h = C / num_heads``.
        dropout (float): On the attention weights. Defaults to 0.2.
        proj_dropout (float): After ``W_O``. Defaults to 0.2.
        hidden_channels (int): Of the discriminator. Defaults to 1024.
        disc_dropout (float): Of the discriminator. Defaults to 0.2.
        dde_label (str): ``'by_domain'`` or ``'always_target'``.
            Defaults to ``'by_domain'``.
        disc_supervision (str): ``'none'`` (paper and release: ``A`` learns
            only through the reversals) or ``'bce'`` (adds ``loss_mdta``, the
            domain loss of ``A`` over all frames and heads).
            Defaults to ``'none'``.
        from_logits (bool): How DDE and ``loss_mdta`` are computed, see
            :func:`binary_errors`; False as the release. Defaults to True.
        score_scale (float): ``s``: a larger one makes weights differ more.
            Defaults to 1, as in Eq. 5.
        grl (dict): Arguments of :class:`GradientReversalLayer`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        dropout: float = 0.2,
        proj_dropout: float = 0.2,
        hidden_channels: int = 1024,
        disc_dropout: float = 0.2,
        dde_label: str = 'by_domain',
        disc_supervision: str = 'none',
        from_logits: bool = True,
        score_scale: float = 1.0,
        grl: Annotated[dict, GradientReversalLayer] = dict(),
    ) -> None:
        super().__init__(embed_dims, num_heads, dropout, proj_dropout)
        check_choice('dde_label', dde_label, ('by_domain', 'always_target'))
        check_choice('disc_supervision', disc_supervision, ('none', 'bce'))
        self.dde_label = dde_label
        self.disc_supervision = disc_supervision
        self.from_logits = from_logits
        self.score_scale = score_scale
        self.discriminator = Discriminator(
            embed_dims // num_heads, hidden_channels, disc_dropout
        )
        self.grl = GradientReversalLayer(**grl)

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> AttentionOutput:
        """Mix the time steps of ``x [N, T, C]`` by transferability."""
        v, logits = self._rate(x)
        a, b = self._dde(logits, is_target).unsqueeze(-1).to(v.dtype)
        out = self.merge(self.attend(self.score_scale * a, b, v))
        losses = {}
        if self.disc_supervision == 'bce' and is_target is not None:
            # Eq. 6 takes x for the probability of the source, the authors'
            # code, whose target label is 1, for that of the target.
            sign = -1 if self.dde_label == 'by_domain' else 1
            rows = sign * logits.transpose(0, 1).flatten(1)
            losses['loss_mdta'] = domain_adversarial_loss(
                rows, rows, is_target, from_logits=self.from_logits
            )
        return out, losses

    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Share of attention each step receives, ``[N, T]``, sums to 1."""
        v, logits = self._rate(x)
        a, b = self._dde(logits, None)
        scale = self.score_scale * v.shape[-1] ** -0.5
        scores = scale * a.unsqueeze(-1) * b.unsqueeze(-2)
        return scores.softmax(-1).mean((1, 2))

    def _rate(self, x: torch.Tensor) -> Tuple[torch.Tensor, ...]:
        """Values ``[N, h, T, d_h]``, logits of ``A`` ``[2, N, h, T]``."""
        qkv = self.split(x)
        logits = self.discriminator(self.grl(qkv[:2]))
        return qkv[2], at_least_float32(logits)

    def _dde(
        self, logits: torch.Tensor, is_target: Optional[torch.Tensor]
    ) -> torch.Tensor:
        """Domain discriminator's error per frame, ``[2, N, h, T]``, >= 0."""
        # The label 1 takes -log x.
        labels: Union[bool, torch.Tensor] = self.dde_label == 'always_target'
        if not labels and is_target is not None:
            labels = ~is_target[:, None, None]
        return self.grl(binary_errors(logits, labels, self.from_logits))
