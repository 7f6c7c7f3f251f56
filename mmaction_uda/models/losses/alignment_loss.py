"""Statistical distances between the features of two domains.

Each couples all samples of a batch: rows of all processes are gathered, so
that the value is that of one process with the whole batch.
"""

from abc import ABCMeta, abstractmethod
from typing import Dict, Tuple

import torch
import torch.nn as nn
from mmaction.registry import MODELS

from ..utils import Outputs, Samples, gather_rows, split_domains
from .precision import at_least_float32


def gaussian_kernels(
    rows: torch.Tensor, num_kernels: int = 5, factor: float = 2.0
) -> torch.Tensor:
    r"""Sum of Gaussian kernels, their widths around the mean distance.

    :math:`k(x, y) = \sum_i \exp(-\|x - y\|^2 / (b f^{i - n // 2}))` with
    :math:`b` the mean squared distance of two different rows, a constant for
    the gradient (Long et al., DAN, ICML 2015).

    Args:
        rows (torch.Tensor): ``[N, D]``, N > 1.
        num_kernels (int): ``n``. Defaults to 5.
        factor (float): ``f``. Defaults to 2.

    Returns:
        torch.Tensor: ``[N, N]``.
    """
    squares = rows.square().sum(-1)
    distances = squares[:, None] + squares - 2 * rows @ rows.T
    distances = distances.clamp(min=0)  # against rounding
    num_rows = len(rows)
    bandwidth = distances.detach().sum() / (num_rows * (num_rows - 1))
    # Not the smallest number: CPUs may take its fractions for zero.
    limits = torch.finfo(rows.dtype)
    bandwidth = bandwidth.clamp(min=limits.tiny / limits.eps)
    powers = torch.arange(num_kernels, device=rows.device) - num_kernels // 2
    widths = bandwidth * factor ** powers.to(rows.dtype)
    return (-distances[..., None] / widths).exp().sum(-1)


def mean_discrepancy(kernel: torch.Tensor, num_source: int) -> torch.Tensor:
    """Squared maximum mean discrepancy (biased) from a kernel matrix.

    Args:
        kernel (torch.Tensor): ``[N, N]``, source rows first.
        num_source (int): Number of source rows.

    Returns:
        torch.Tensor: Scalar, >= 0.
    """
    n = num_source
    within = kernel[:n, :n].mean() + kernel[n:, n:].mean()
    return within - 2 * kernel[:n, n:].mean()


def covariance_distance(
    source: torch.Tensor, target: torch.Tensor
) -> torch.Tensor:
    r""":math:`\|C_s - C_t\|_F^2 / (4 D^2)` of the covariances.

    Source: Sun and Saenko, Deep CORAL, ECCV 2016 workshops.

    Args:
        source (torch.Tensor): ``[S, D]``, S > 1.
        target (torch.Tensor): ``[T, D]``, T > 1.

    Returns:
        torch.Tensor: Scalar.
    """

    def covariance(rows: torch.Tensor) -> torch.Tensor:
        # torch.cov asks the device whether its weights are positive.
        rows = rows - rows.mean(0)
        return rows.T @ rows / (len(rows) - 1)

    difference = covariance(source) - covariance(target)
    return difference.square().sum() / (4 * source.size(1) ** 2)


Domains = Tuple[torch.Tensor, torch.Tensor]  # of source and target


class AlignmentLoss(nn.Module, metaclass=ABCMeta):
    """A distance of two domains, one line of a config for another.

    Views are rows of their own.

    Args:
        loss_weight (float): Defaults to 1.
    """

    couples_samples = True  # no gradient accumulation

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Distance of the domains.

        Args:
            outputs (Outputs): ``feats`` and ``logits`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: ``loss_align``, a scalar.
        """

        def rows_of(layer: torch.Tensor) -> Domains:
            source, target = (
                gather_rows(at_least_float32(rows)).flatten(0, 1)
                for rows in split_domains(layer, data_samples)
            )
            return source, target

        layers = outputs.feats, outputs.logits.softmax(-1)
        feats, probs = map(rows_of, layers)
        loss = self.loss_weight * self.distance(feats, probs)
        return dict(loss_align=loss)

    @abstractmethod
    def distance(self, feats: Domains, probs: Domains) -> torch.Tensor:
        """Distance from features ``[N, d]`` and class probabilities
        ``[N, K]`` of all processes."""


@MODELS.register_module()
class MMDLoss(AlignmentLoss):
    """Multi-kernel maximum mean discrepancy of the features (DAN)."""

    def distance(self, feats: Domains, probs: Domains) -> torch.Tensor:
        """See :func:`gaussian_kernels`, :func:`mean_discrepancy`."""
        kernel = gaussian_kernels(torch.cat(feats))
        return mean_discrepancy(kernel, len(feats[0]))


@MODELS.register_module()
class JANLoss(AlignmentLoss):
    """Joint discrepancy of features and class probabilities.

    The kernels of both layers are multiplied (Long et al., JAN, ICML 2017);
    that of the probabilities is one Gaussian. Where the authors' code
    estimates in linear time, this takes all pairs.
    """

    def distance(self, feats: Domains, probs: Domains) -> torch.Tensor:
        """See :func:`gaussian_kernels`, :func:`mean_discrepancy`."""
        kernel = gaussian_kernels(torch.cat(feats))
        kernel = kernel * gaussian_kernels(torch.cat(probs), num_kernels=1)
        return mean_discrepancy(kernel, len(feats[0]))


@MODELS.register_module()
class CORALLoss(AlignmentLoss):
    """Distance of the covariances of the features."""

    def distance(self, feats: Domains, probs: Domains) -> torch.Tensor:
        """See :func:`covariance_distance`."""
        return covariance_distance(*feats)
