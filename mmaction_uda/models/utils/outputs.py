from typing import NamedTuple, Optional

from torch import Tensor


class Outputs(NamedTuple):
    """What one forward hands to every term of the loss, source rows first.

    Args:
        logits (Tensor): Of the classifier, ``[B, V, K]``.
        feats (Tensor): Scaled features, ``[B, V, d]``.
        pooled (Tensor): The same, unscaled, as the neck returns them.
        domain_logits (Tensor, optional): Of the domain head, ``[B, V]``,
            target positive.
    """

    logits: Tensor
    feats: Optional[Tensor] = None
    pooled: Optional[Tensor] = None
    domain_logits: Optional[Tensor] = None
