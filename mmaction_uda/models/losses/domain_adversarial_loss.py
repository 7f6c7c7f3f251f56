from typing import Optional, Sequence

import torch
import torch.nn.functional as F


def domain_adversarial_loss(
    source: torch.Tensor,
    target: torch.Tensor,
    is_target: Optional[torch.Tensor] = None,
    weights: Sequence[float] = (1.0, 1.0),
) -> torch.Tensor:
    r"""Binary cross-entropy of a domain discriminator, source 0, target 1.

    .. math:: w_s\,mean_s(-\log(1 - \sigma(l))) + w_t\,mean_t(-\log\sigma(l))

    Each domain is averaged by itself, then the two are added, so that
    unequal batches weigh the same (TransferAttn, Eq. 3; the paper prints
    ``log G_D`` for both domains, which cannot be meant).

    Args:
        source (torch.Tensor): Logits of source rows, any shape.
        target (torch.Tensor): Logits of target rows, any shape.
        is_target (torch.Tensor, optional): Bool ``[N]``, for rows in any
            order: then both are the logits ``[N, ...]`` of all rows, and no
            GPU is asked how many of them are the target's.
        weights (Sequence[float]): Of source and target. Defaults to (1, 1).

    Returns:
        torch.Tensor: Scalar, in nats; ``2 log 2`` for an undecided
        discriminator, NaN without a row of either domain.
    """
    # softplus(l) = -log(1 - sigmoid(l)): finite for every logit.
    errors = F.softplus(source), F.softplus(-target)
    if is_target is None:
        means = [error.mean() for error in errors]
    else:
        rows = is_target.to(source.dtype)
        means = [
            error.flatten(1).mean(1) @ mask / mask.sum()
            for error, mask in zip(errors, (1 - rows, rows))
        ]
    return weights[0] * means[0] + weights[1] * means[1]
