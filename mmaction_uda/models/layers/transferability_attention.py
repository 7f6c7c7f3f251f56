import math
from typing import Annotated, Optional

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS

from ..losses import at_least_float32, binary_entropy, domain_adversarial_loss
from .attention import AttentionOutput
from .discriminator import Discriminator
from .gradient_reversal import GradientReversalLayer
from .multihead_maps import MultiheadMaps


@MODELS.register_module()
class TransferabilityAdaptionAttention(MultiheadMaps):
    r"""TAM: self-attention, its weights scaled by transferability.

    One discriminator ``D``, shared by all heads, sees the key of every step
    behind a gradient reversal. With :math:`t_j` the entropy of its answer in
    bits

    .. math:: A = softmax(Q K^T / \sqrt{d_h}), \quad A_{ij} \gets A_{ij} t_j

    without normalising again. ``t`` is not detached: the gradient of the
    task reaches ``D``, and reversed the keys. ``D`` learns from its own loss
    ``loss_tam``, binary cross-entropy over all steps and heads.

    Source: TVT (Yang et al., WACV 2023). There token 0 is a class token,
    which alone is read out: ``D`` does not see it, and only its row changes,
    ``A_00`` excepted (``class_token=True``). Where the mean over all steps
    is read out, as in :class:`TransformerNeck`, all rows do.

    Args:
        embed_dims (int): Width ``C``.
        num_heads (int): Number of heads, ``d_h = C / num_heads``.
        dropout (float): On the scaled weights. Defaults to 0.2.
        proj_dropout (float): After the output map. Defaults to 0.2.
        hidden_channels (int, optional): Of ``D``. Defaults to ``d_h``.
        disc_dropout (float): Of ``D``. Defaults to 0.5.
        class_token (bool): Whether token 0 is a class token.
            Defaults to False.
        loss_weight (float): Of ``loss_tam``. Defaults to 0.01.
        grl (dict): Arguments of :class:`GradientReversalLayer`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        dropout: float = 0.2,
        proj_dropout: float = 0.2,
        hidden_channels: Optional[int] = None,
        disc_dropout: float = 0.5,
        class_token: bool = False,
        loss_weight: float = 0.01,
        grl: Annotated[dict, GradientReversalLayer] = dict(),
    ) -> None:
        super().__init__(embed_dims, num_heads, dropout, proj_dropout)
        self.class_token = class_token
        self.loss_weight = loss_weight
        width = embed_dims // num_heads
        self.discriminator = Discriminator(
            width, hidden_channels or width, disc_dropout
        )
        self.grl = GradientReversalLayer(**grl)

    def forward(
        self, x: torch.Tensor, is_target: Optional[torch.Tensor] = None
    ) -> AttentionOutput:
        """Mix the time steps of ``x [N, T, C]``."""
        q, k, v, share, logits = self._rate(x)
        # Scaling a column of the weights is scaling a row of the values.
        if self.class_token:  # the rows of the steps stay as they are
            first = self.attend(q[:, :, :1], k, share * v)
            rest = self.attend(q[:, :, 1:], k, v)
            out = torch.cat((first, rest), 2)
        else:
            out = self.attend(q, k, share * v)
        losses = {}
        if is_target is not None:
            # TVT's label of the source is 1, and it averages the domains.
            loss = domain_adversarial_loss(-logits, -logits, is_target)
            losses['loss_tam'] = self.loss_weight * loss / 2
        return self.merge(out), losses

    def frame_weights(self, x: torch.Tensor) -> torch.Tensor:
        """Share of attention each step receives, ``[N, T]``, sums to 1.

        With a class token: its attention to the steps that follow it.
        """
        q, k, _, share, _ = self._rate(x)
        rows = 1 if self.class_token else q.shape[2]
        scores = q[:, :, :rows] @ k.mT * q.shape[-1] ** -0.5
        weights = (scores.softmax(-1) * share.mT).sum((1, 2))
        weights = weights[:, int(self.class_token) :]
        return weights / weights.sum(-1, keepdim=True)

    def _rate(self, x: torch.Tensor) -> tuple:
        """Queries, keys, values, ``t`` ``[N, h, T, 1]``, logits of ``D``."""
        q, k, v = self.split(x)
        rated = k[:, :, int(self.class_token) :]
        logits = at_least_float32(self.discriminator(self.grl(rated)))
        share = (binary_entropy(logits) / math.log(2)).to(v.dtype)
        if self.class_token:  # its own column stays
            share = F.pad(share, (1, 0), value=1.0)
        return q, k, v, share.unsqueeze(-1), logits
