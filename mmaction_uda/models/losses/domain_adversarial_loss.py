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
