from typing import Dict

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS

from ...choices import check_choice
from ..utils import Outputs, Samples, gather_rows, split_domains


def entropy(logits: torch.Tensor) -> torch.Tensor:
    r"""Entropy :math:`-\sum_k p_k \log p_k` of the softmax, in nats.

    Args:
        logits (torch.Tensor): ``[..., K]``.

    Returns:
        torch.Tensor: ``[...]``, in [0, log K].
    """
    log_p = logits.log_softmax(-1)
    return -(log_p.exp() * log_p).sum(-1)


def binary_entropy(logits: torch.Tensor) -> torch.Tensor:
    """Entropy of ``sigmoid(logits)`` in nats, log 2 where it is 1/2."""
    p = logits.sigmoid()
    return p * F.softplus(-logits) + (1 - p) * F.softplus(logits)


@MODELS.register_module()
class EntropyLoss(nn.Module):
    """Mean entropy of the predictions on target rows (TransferAttn, Eq. 2).

    With ``diversity_weight=1`` the negative mutual information of rows and
    classes, "information maximisation" (Krause et al., NIPS 2010).

    Args:
        entropy_reduction (str): Over the classes: ``'sum'`` (the paper) or
            ``'mean'`` (the authors' code, ``1 / K`` of the entropy).
            Defaults to ``'sum'``.
        diversity_weight (float): Of the entropy of the mean prediction of
            all rows of all processes, which is taken off. Defaults to 0.
        loss_weight (float): Defaults to 1.
    """

    def __init__(
        self,
        entropy_reduction: str = 'sum',
        diversity_weight: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('entropy_reduction', entropy_reduction, ('sum', 'mean'))
        self.entropy_reduction = entropy_reduction
        self.diversity_weight = diversity_weight
        self.couples_samples = bool(diversity_weight)  # see UDATrainLoop
        self.loss_weight = loss_weight

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """``loss_entropy`` of the target rows of ``outputs.logits``."""
        _, logits = split_domains(outputs.logits, data_samples)
        loss = entropy(logits).mean()
        if self.diversity_weight:
            log_p = gather_rows(logits).log_softmax(-1).flatten(0, -2)
            # The sum; what the mean lacks is a constant to the softmax.
            mean = log_p.logsumexp(0)
            loss = loss - self.diversity_weight * entropy(mean)
        if self.entropy_reduction == 'mean':
            loss = loss / logits.shape[-1]
        return dict(loss_entropy=self.loss_weight * loss)


@MODELS.register_module()
class AttentiveEntropyLoss(nn.Module):
    r"""Mean of :math:`(1 + H(d)) H(p)` over the rows of both domains (TA3N).

    Predictions ``p`` are to be sure where the domain head cannot tell the
    domain, ``d`` being its answer; both entropies in nats. Nothing is
    detached: the gradient reaches the head and, reversed, the features.

    Source: TA3N (Chen et al., ICCV 2019), attentive entropy.

    Args:
        loss_weight (float): ``gamma``. Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """``loss_entropy`` of all rows of ``outputs.logits``.

        Raises:
            ValueError: Without a domain head.
        """
        if outputs.domain_logits is None:
            raise ValueError(
                'AttentiveEntropyLoss weighs by the answer of the domain '
                'head, and there is none. Set model.domain_head.'
            )
        weights = 1 + binary_entropy(outputs.domain_logits)
        loss = (weights * entropy(outputs.logits)).mean()
        return dict(loss_entropy=self.loss_weight * loss)
