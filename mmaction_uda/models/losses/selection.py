"""Which pseudo-labels are learnt from.

Those with a small loss (CleanAdapt: Dasgupta et al.,
https://arxiv.org/abs/2311.18572, and its code); those that a student and a
teacher agree on, or one of them is sure of (UNITE: Reddy et al.,
https://arxiv.org/abs/2312.02914, Section 3.3).
"""

from typing import Tuple

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


def match_or_conf(
    student: Tensor,
    teacher: Tensor,
    threshold: float = 0.1,
    both: str = 'drop',
) -> Tuple[Tensor, Tensor]:
    """Rows whose label is trusted, and the labels (MatchOrConf).

    A row is selected if both name the same class, or if exactly one of them
    is sure, its largest probability at least ``threshold``: its class is the
    label.

    Args:
        student, teacher (Tensor): Probabilities ``[N, K]``.
        threshold (float): At most ``1 / K`` calls every row sure.
        both (str): Rows of which both are sure, of different classes:
            ``'drop'``, or ``'surer'`` takes the class of the surer one.
            Defaults to ``'drop'``.

    Returns:
        tuple: Bool ``[N]`` and classes ``[N]``, those of rows that are not
        selected without meaning.
    """
    (own, label), (other, named) = student.max(-1), teacher.max(-1)
    match = label == named
    sure, other_sure = own >= threshold, other >= threshold
    selected = match | (sure ^ other_sure)
    follow = ~match & ~sure  # the teacher
    if both == 'surer':
        selected = selected | (sure & other_sure)
        follow = follow | (~match & other_sure & (other > own))
    return selected, torch.where(follow, named, label)
