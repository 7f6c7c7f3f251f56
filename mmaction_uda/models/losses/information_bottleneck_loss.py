"""Information bottleneck between class-matched rows of two domains.

The loss speaks of all pairs of a source and a target row with equal label.
No pair is ever made: means, variances and the cross-correlation over pairs
are products with the 0/1 match matrix.
"""

from typing import Tuple

import torch
import torch.nn.functional as F

# Added to the variance. The authors standardise as a batch norm does; a
# correlation needs it only to stay finite where a column is constant.
EPS = dict(standardize=1e-5, correlation=1e-12)


def class_matches(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Which rows have the same label; the label -1 matches none.

    Args:
        source (torch.Tensor): Labels ``[S]``.
        target (torch.Tensor): Labels ``[T]``.

    Returns:
        torch.Tensor: Bool ``[S, T]``.
    """
    matches = source[:, None] == target[None, :]
    return matches & (source >= 0)[:, None]


def correlation_factors(
    source: torch.Tensor,
    target: torch.Tensor,
    matches: torch.Tensor,
    normalize: str = 'standardize',
) -> Tuple[torch.Tensor, torch.Tensor]:
    r"""Factors ``A``, ``B`` of the cross-correlation ``A^T B`` over pairs.

    :math:`C = \hat Z_s^T \hat Z_t / N` where row ``n`` of ``Z_s``, ``Z_t``
    is the n-th pair, each column mean-centred and scaled by its (biased)
    standard deviation over the pairs.

    Args:
        source (torch.Tensor): ``[S, D]``.
        target (torch.Tensor): ``[T, D]``.
        matches (torch.Tensor): Bool ``[S, T]``, the pairs.
        normalize (str): ``'standardize'`` (variance + 1e-5, as the authors)
            or ``'correlation'`` (variance + 1e-12).

    Returns:
        tuple: ``A`` and ``B``, both ``[T, D]``; zeros without a pair.
    """
    matches = matches.to(source.dtype)
    num_pairs = matches.sum().clamp(min=1)

    def centre(z: torch.Tensor, counts: torch.Tensor):
        share = (counts / num_pairs)[:, None]
        z = z - share.T @ z
        variance = share.T @ z.square()
        return z, (variance + EPS[normalize]).rsqrt()

    source, scale_s = centre(source, matches.sum(1))
    target, scale_t = centre(target, matches.sum(0))
    # The match matrix goes into the source, which holds the long queue.
    return matches.T @ source * (scale_s / num_pairs), target * scale_t


def information_bottleneck_loss(
    source: torch.Tensor,
    target: torch.Tensor,
    matches: torch.Tensor,
    normalize: str = 'standardize',
    off_diagonal: float = 0.005,
) -> torch.Tensor:
    r""":math:`\sum_i (C_{ii}-1)^2 + \lambda \sum_{i \ne j} C_{ij}^2`.

    Source: TransferAttn, Eq. 7-8, after UDAVT; formula of Barlow Twins.

    Args:
        source (torch.Tensor): ``[S, D]``.
        target (torch.Tensor): ``[T, D]``.
        matches (torch.Tensor): Bool ``[S, T]``, the pairs.
        normalize (str): See :func:`correlation_factors`.
        off_diagonal (float): :math:`\lambda`. Defaults to 0.005.

    Returns:
        torch.Tensor: Scalar; 0, without gradient, for two pairs or fewer.
    """
    a, b = correlation_factors(source, target, matches, normalize)
    diagonal = (a * b).sum(0)
    # |A^T B|^2 = <A A^T, B B^T>: the smaller of T x T and D x D.
    if len(b) < b.shape[1]:
        squares = ((a @ a.T) * (b @ b.T)).sum()
    else:
        squares = (a.T @ b).square().sum()
    loss = (diagonal - 1).square().sum() + off_diagonal * (
        squares - diagonal.square().sum()
    )
    return loss * (matches.sum() > 2)


def class_points(
    rows: torch.Tensor, labels: torch.Tensor, num_classes: int
) -> torch.Tensor:
    r"""Two rows a class that stand for all of them in the bottleneck loss.

    :math:`\mu_c + \sigma_c` and :math:`\mu_c - \sigma_c`, the mean and the
    (biased) standard deviation of the rows of class :math:`c`, have their
    mean and variance. :func:`information_bottleneck_loss` knows of the
    source no more than these: where classes have equally many rows it is the
    same for the points as for the rows.

    Args:
        rows (torch.Tensor): ``[N, D]``.
        labels (torch.Tensor): ``[N]``; each of the classes occurs.
        num_classes (int): ``K``.

    Returns:
        torch.Tensor: ``[2K, D]``; rows ``2c`` and ``2c + 1`` are of class
        ``c``.
    """
    members = F.one_hot(labels, num_classes).to(rows.dtype)
    members = members / members.sum(0)
    mean = members.T @ rows
    # Not the mean of squares less the square of the mean: it cancels.
    variance = members.T @ (rows - mean[labels]).square()
    deviation = variance.sqrt()
    return torch.stack((mean + deviation, mean - deviation), 1).flatten(0, 1)
