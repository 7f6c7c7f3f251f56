"""Which pseudo-labels are learnt from: those with a small loss (CleanAdapt).

Source: Dasgupta et al., https://arxiv.org/abs/2311.18572, and its code.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def label_losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each video, the sum over its views.

    Args:
        logits (Tensor): ``[N, V, K]``; the streams of a video are its views.
        labels (Tensor): ``[N]``.

    Returns:
        Tensor: ``[N]``, in nats.
    """
    labels = labels[:, None].expand(logits.shape[:2])
    losses = F.cross_entropy(logits.mT, labels, reduction='none')
    return losses.sum(1)


def select_confident(
    losses: Tensor, classes: Tensor, keep_ratio: float
) -> Tensor:
    """Videos whose loss is among the smallest of their class.

    Of every class those are kept whose loss is at most its
    ``keep_ratio``-quantile, linear between two losses. Ties are all kept; a
    class that nothing belongs to asks for nothing.

    Args:
        losses (Tensor): ``[N]``.
        classes (Tensor): ``[N]``.
        keep_ratio (float): In (0, 1].

    Returns:
        Tensor: Indices ``[M]``, in rising order.
    """
    values = losses.double().cpu().numpy()
    numbers = classes.cpu().numpy()
    kept = np.zeros(len(values), bool)
    for number in np.unique(numbers):
        own = numbers == number
        kept |= own & (values <= np.quantile(values[own], keep_ratio))
    return torch.from_numpy(kept).nonzero()[:, 0]
