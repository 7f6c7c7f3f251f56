from typing import Optional, Sequence, Union

import torch
import torch.nn.functional as F

from .precision import full_precision


def binary_errors(
    logits: torch.Tensor,
    labels: Union[bool, torch.Tensor],
    from_logits: bool = True,
) -> torch.Tensor:
    r"""Binary cross-entropy of each row, label 1 or 0.

    :math:`-\log\sigma(l)` or :math:`-\log(1 - \sigma(l))`. From logits the
    gradient of a sure mistake is 1. The authors of TransferAttn compute it
    from the probability (``from_logits=False``), where torch limits the
    logarithm to -100 and divides the gradient by no less than 1e-12: up to
    :math:`|l| = 16` the same but for rounding, then the gradient vanishes.
    In float32 it is 0.094 at -30 for the label 1, 4e-6 at -40; at +17 for
    the label 0 the probability is rounded to 1, the error 100, the gradient
    0.

    Args:
        logits (torch.Tensor): Any shape.
        labels (bool | torch.Tensor): Of all, or bool of a shape that
            broadcasts.
        from_logits (bool): Defaults to True.

    Returns:
        torch.Tensor: The shape of ``logits``, in nats.
    """
    if from_logits:  # softplus(l) = -log(1 - sigmoid(l)): finite for any l
        return F.softplus((1 - 2 * labels) * logits)
    probs = logits.sigmoid()
    wanted = labels * torch.ones_like(probs)
    # CUDA's autocast refuses this loss, even of float32.
    with full_precision():
        return F.binary_cross_entropy(probs, wanted, reduction='none')


def domain_adversarial_loss(
    source: torch.Tensor,
    target: torch.Tensor,
    is_target: Optional[torch.Tensor] = None,
    weights: Sequence[float] = (1.0, 1.0),
    from_logits: bool = True,
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
        from_logits (bool): See :func:`binary_errors`. Defaults to True.

    Returns:
        torch.Tensor: Scalar, in nats; ``2 log 2`` for an undecided
        discriminator, NaN without a row of either domain.
    """
    errors = (
        binary_errors(source, False, from_logits),
        binary_errors(target, True, from_logits),
    )
    if is_target is None:
        means = [error.mean() for error in errors]
    else:
        rows = is_target.to(source.dtype)
        means = [
            error.flatten(1).mean(1) @ mask / mask.sum()
            for error, mask in zip(errors, (1 - rows, rows))
        ]
    return weights[0] * means[0] + weights[1] * means[1]
