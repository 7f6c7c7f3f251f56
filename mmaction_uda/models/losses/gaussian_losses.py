"""Losses of diagonal Gaussians, and what TranSVAE builds of them."""

from math import log, pi
from typing import NamedTuple, Optional

import torch.nn.functional as F
from torch import Tensor

from ...choices import check_choice
from .precision import full_precision

VARIANCES = ('released', 'exact')


class Gaussian(NamedTuple):
    """A diagonal Gaussian.

    Args:
        mean (Tensor): ``[..., D]``.
        logvar (Tensor): Logarithm of the variance, ``[..., D]``.
    """

    mean: Tensor
    logvar: Tensor


def kl_divergence(q: Gaussian, p: Optional[Gaussian] = None) -> Tensor:
    r"""Divergence :math:`KL(q \| p)` of Gaussians, in nats.

    .. math:: \frac12 \sum_d \log\sigma_p^2 - \log\sigma_q^2
        + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{\sigma_p^2} - 1

    Args:
        q (Gaussian): ``[..., D]``.
        p (Gaussian, optional): Of a shape that broadcasts; None for the
            standard one.

    Returns:
        Tensor: ``[...]``, >= 0.
    """
    if p is None:
        terms = q.logvar.exp() + q.mean.square() - 1 - q.logvar
    else:
        spread = q.logvar.exp() + (q.mean - p.mean).square()
        terms = spread * (-p.logvar).exp() - 1 + p.logvar - q.logvar
    return terms.sum(-1) / 2


def pairwise_log_density(
    x: Tensor, q: Gaussian, variance: str = 'exact'
) -> Tensor:
    r"""Log-density of every row of ``x`` under every Gaussian.

    The square is expanded, so that no tensor ``[N, M, D]`` is needed.

    Args:
        x (Tensor): ``[..., N, D]``.
        q (Gaussian): ``[..., M, D]``.
        variance (str): ``'released'`` reads ``logvar`` as the logarithm of
            the deviation. Defaults to ``'exact'``.

    Returns:
        Tensor: ``[..., N, M]``.
    """
    check_choice('mi_variance', variance, VARIANCES)
    log_sigma = q.logvar if variance == 'released' else q.logvar / 2
    precision = (-2 * log_sigma).exp()
    # Only differences count: small numbers lose less when they are squared.
    origin = q.mean.detach().mean(-2, keepdim=True)
    x, mean = x - origin, q.mean - origin
    scaled = mean * precision
    constant = (scaled * mean + 2 * log_sigma + log(2 * pi)).sum(-1)
    with full_precision():
        squares = x.square() @ precision.mT - 2 * x @ scaled.mT
    return -(squares + constant.unsqueeze(-2)) / 2


def mutual_information(
    static: Gaussian,
    dynamic: Gaussian,
    num_videos: int,
    variance: str = 'exact',
) -> Tensor:
    r"""Mutual information of a static and a dynamic factor, in nats.

    With :math:`z` the means of the ``N`` rows and, in place of the data set,
    the rows themselves (minibatch-weighted sampling)

    .. math:: \log q(z_i) = logsumexp_m \log N(z_i; \mu_m, \sigma_m)
        - \log(N M)

    it is the mean over frames and rows of :math:`\max(0, \log q(z^d, z^t) -
    \log q(z^d) - \log q(z^t))`. Source: TranSVAE, Eq. 6, and its code.

    Args:
        static (Gaussian): ``[N, D]``.
        dynamic (Gaussian): ``[N, T, D']``.
        num_videos (int): ``M``, the training videos of both domains.
        variance (str): See :func:`pairwise_log_density`.

    Returns:
        Tensor: A scalar.
    """
    dynamic = Gaussian(*(x.transpose(0, 1) for x in dynamic))
    of_static = pairwise_log_density(static.mean, static, variance)
    of_dynamic = pairwise_log_density(dynamic.mean, dynamic, variance)
    both = (of_static + of_dynamic).logsumexp(-1)  # independent given m
    alone = of_static.logsumexp(-1) + of_dynamic.logsumexp(-1)
    return F.relu(both - alone + log(len(static.mean) * num_videos)).mean()
