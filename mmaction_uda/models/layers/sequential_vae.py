from typing import Dict, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS

from ...choices import check_choice
from ..losses import (
    VARIANCES,
    Gaussian,
    at_least_float32,
    kl_divergence,
    mutual_information,
)
from ..utils import Samples, freeze, gather_rows, split_domains
from .sequential_factors import SequentialPosterior, SequentialPrior

OWNERS = ('negative', 'own')  # of a static factor's variance


class SequentialVAE(nn.Module):
    """Variational autoencoder of frames with a static and a dynamic factor.

    See :class:`TranSVAENeck` for the losses. What no loss needs is not
    built, or frozen: processes wait for the gradients of all the rest.

    Args:
        encoder (dict): Module that maps ``[N, ...]`` to ``[N, C]``.
        decoder (dict): Module that maps ``[N, 2 D]`` to ``[N, ...]``.
        embed_dims (int): Width ``C`` of an encoded frame.
        hidden_channels (int): Of the recurrent layers.
        latent_channels (int): Dimensions ``D`` of a factor.
        weights (dict): Of the losses, by their names.
        num_videos (int, optional): Of the data set, for ``loss_mi``.
        mi_variance, static_variance (str): See :class:`TranSVAENeck`.
    """

    def __init__(
        self,
        encoder: dict,
        decoder: dict,
        embed_dims: int,
        hidden_channels: int,
        latent_channels: int,
        weights: Dict[str, float],
        num_videos: Optional[int],
        mi_variance: str,
        static_variance: str,
    ) -> None:
        super().__init__()
        check_choice('neck.mi_variance', mi_variance, VARIANCES)
        check_choice('neck.static_variance', static_variance, OWNERS)
        if weights['loss_mi'] and not num_videos:
            raise ValueError(
                'the mutual information needs neck.num_videos, the training '
                'videos of both domains: set it, or neck.mi_weight=0'
            )
        self.weights = {k: w for k, w in weights.items() if w}
        self.num_videos = num_videos or 0
        self.mi_variance = mi_variance
        self.static_variance = static_variance
        # See UDATrainLoop: rows stand for the data set, and for negatives.
        coupled = {'loss_mi', 'loss_triplet'}
        if static_variance == 'negative':
            coupled.add('loss_kl_static')
        self.couples_samples = bool(coupled & self.used)
        self.encoder = MODELS.build(encoder)
        self.posterior = SequentialPosterior(
            embed_dims, hidden_channels, latent_channels
        )
        self.prior: Optional[SequentialPrior] = None
        self.decoder: Optional[nn.Module] = None
        if 'loss_kl_dynamic' in self.used:
            self.prior = SequentialPrior(hidden_channels, latent_channels)
        if 'loss_recon' in self.used:
            self.decoder = MODELS.build(decoder)
        static, dynamic = self.posterior.static, self.posterior.dynamic
        for part, losses in (
            (static.logvar, {'loss_kl_static', 'loss_mi'}),
            (static.mean, set(weights) - {'loss_kl_dynamic'}),
            (dynamic.logvar, {'loss_kl_dynamic', 'loss_mi'}),
        ):
            if not losses & self.used:
                freeze(part)

    @property
    def used(self) -> set:
        """Names of the losses."""
        return set(self.weights)

    def forward(
        self, frames: torch.Tensor
    ) -> Tuple[torch.Tensor, Gaussian, Gaussian]:
        """Encode frames ``[B, V, T, ...]``.

        Returns:
            tuple: Codes ``[B, V, T, C]``, the static factor ``[B, V, D]``
            and the dynamic ones ``[B, V, T, D]``.
        """
        lead = frames.shape[:3]
        codes = self.encoder(frames.flatten(0, 2)).unflatten(0, lead)
        static, dynamic = (
            Gaussian(*(at_least_float32(p.unflatten(0, lead[:2])) for p in q))
            for q in self.posterior(codes.flatten(0, 1))
        )
        return codes, static, dynamic

    def losses(
        self,
        frames: torch.Tensor,
        codes: torch.Tensor,
        static: Gaussian,
        dynamic: Gaussian,
        data_samples: Samples,
    ) -> Dict[str, torch.Tensor]:
        """Weighted losses of what :meth:`forward` takes and gives.

        Args:
            frames (torch.Tensor): ``[B, V, T, ...]``.
            codes (torch.Tensor): ``[B, V, T, C]``.
            static (Gaussian): ``[B, V, D]``.
            dynamic (Gaussian): ``[B, V, T, D]``.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: Scalars, those of a weight that is not 0.
        """
        negative = self._negatives(static, data_samples)
        spread = static
        if self.static_variance == 'negative':
            spread = Gaussian(static.mean, negative.logvar)
        terms = dict(
            loss_recon=lambda: self._reconstruction(frames, static, dynamic),
            loss_kl_static=lambda: kl_divergence(spread).mean(),
            loss_kl_dynamic=lambda: self._kl_dynamic(dynamic),
            loss_mi=lambda: self._mutual_information(spread, dynamic),
            loss_triplet=lambda: self._triplet(
                codes, static.mean, negative.mean, data_samples
            ),
        )
        return {k: weight * terms[k]() for k, weight in self.weights.items()}

    def _reconstruction(
        self, frames: torch.Tensor, static: Gaussian, dynamic: Gaussian
    ) -> torch.Tensor:
        """Squared error of all frames of a video, a mean over videos."""
        assert self.decoder is not None  # it is, where the loss is used
        z_d = static.mean.unsqueeze(2).expand_as(dynamic.mean)
        z = torch.cat((dynamic.mean, z_d), -1).flatten(0, 2)
        error = at_least_float32(self.decoder(z)) - frames.flatten(0, 2)
        return error.square().sum() / frames.shape[:2].numel()

    def _kl_dynamic(self, dynamic: Gaussian) -> torch.Tensor:
        """Divergence of all ``z_t`` of a video, a mean over videos."""
        assert self.prior is not None  # it is, where the loss is used
        prior = self.prior(dynamic.mean.shape[2])
        return kl_divergence(dynamic, prior).sum(-1).mean()

    def _mutual_information(
        self, static: Gaussian, dynamic: Gaussian
    ) -> torch.Tensor:
        static, dynamic = (
            Gaussian(*(gather_rows(p).flatten(0, 1) for p in q))
            for q in (static, dynamic)
        )
        return mutual_information(
            static, dynamic, self.num_videos, self.mi_variance
        )

    def _negatives(self, static: Gaussian, data_samples: Samples) -> Gaussian:
        """Of every video the factor of a random one of the other domain."""
        rows = torch.arange(len(static.mean), device=static.mean.device)
        own = split_domains(rows, data_samples)
        drawn = [
            others[torch.randint(len(others), a.shape, device=a.device)]
            for a, others in zip(own, own[::-1])
        ]
        return Gaussian(*(x[torch.cat(drawn)] for x in static))

    def _triplet(
        self,
        codes: torch.Tensor,
        anchor: torch.Tensor,
        negative: torch.Tensor,
        data_samples: Samples,
    ) -> torch.Tensor:
        """Triplet loss of the source videos plus that of the target's."""
        # The encoder sees single frames: their codes may change places.
        order = torch.rand(codes.shape[:3], device=codes.device).argsort(2)
        shuffled = codes.take_along_dim(order.unsqueeze(-1), 2)
        positive = self.posterior.static_factor(shuffled.flatten(0, 1)).mean
        positive = at_least_float32(positive).view_as(anchor)
        parts = anchor, positive, negative
        source, target = zip(*(split_domains(x, data_samples) for x in parts))
        return F.triplet_margin_loss(*source) + F.triplet_margin_loss(*target)
