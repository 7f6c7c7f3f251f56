import torch
import torch.nn.functional as F


def domain_adversarial_loss(
    source: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    """Binary cross-entropy of a domain discriminator, source 0, target 1.

    Each domain is averaged by itself, then the two are added, so that
    unequal batches weigh the same (TransferAttn, Eq. 3; the paper prints
    ``log G_D`` for both domains, which cannot be meant).

    Args:
        source (torch.Tensor): Logits of source rows, any shape.
        target (torch.Tensor): Logits of target rows, any shape.

    Returns:
        torch.Tensor: Scalar; ``2 log 2`` for an undecided discriminator.
    """
    # softplus(l) = -log(1 - sigmoid(l)): finite for every logit.
    return F.softplus(source).mean() + F.softplus(-target).mean()


def masked_domain_loss(
    logits: torch.Tensor, is_target: torch.Tensor
) -> torch.Tensor:
    """The same of rows in any order, without asking a GPU how many there are.

    Args:
        logits (torch.Tensor): ``[N, ...]``.
        is_target (torch.Tensor): Bool ``[N]``.

    Returns:
        torch.Tensor: Scalar; NaN without a row of either domain.
    """
    target = is_target.to(logits.dtype)
    source = 1 - target
    rows = logits.flatten(1)
    return (
        F.softplus(rows).mean(1) @ source / source.sum()
        + F.softplus(-rows).mean(1) @ target / target.sum()
    )
