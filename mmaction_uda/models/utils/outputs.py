"""What terms of a loss are given, and what they give."""

from typing import Callable, Dict, NamedTuple, Optional

from torch import Tensor

from .domains import Samples


class Outputs(NamedTuple):
    """What one forward hands to every term of the loss, source rows first.

    Args:
        logits (Tensor): Of the classifier, ``[B, V, K]``.
        feats (Tensor): Scaled features, ``[B, V, d]``.
        pooled (Tensor): The same, unscaled, as the neck returns them.
        domain_logits (Tensor, optional): Of the domain head, ``[B, V]``,
            target positive.
        tokens (Tensor, optional): Of the backbone, ``[B, V, T, C]``.
        averaged_logits (Tensor, optional): Those of a moving average of the
            model, ``[B, V, K]``.
    """

    logits: Tensor
    feats: Tensor
    pooled: Tensor
    domain_logits: Optional[Tensor] = None
    tokens: Optional[Tensor] = None
    averaged_logits: Optional[Tensor] = None


# Scalars by name: losses have ``loss`` in theirs, monitors have not.
Losses = Dict[str, Tensor]
Term = Callable[[Outputs, Samples], Losses]
