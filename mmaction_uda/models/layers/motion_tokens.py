import math
from typing import Dict, Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.dist import all_reduce
from torch import Tensor, nn

from ...choices import check_choice
from ...motion import motion_energy

QUANTILES = 100  # of the threshold, in place of as many draws at test


def log_density(u: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """Of ``tau = sigmoid(u)``, whose logit is normal: ``log pi(tau)``."""
    distance = (u - mu) / log_sigma.exp()
    normal = -distance.square() / 2 - log_sigma - math.log(2 * math.pi) / 2
    return normal - F.logsigmoid(u) - F.logsigmoid(-u)


@MODELS.register_module()
class MotionTokens(nn.Module):
    """Keeps the patches that move; the others are left out of the net.

    Those are kept whose :func:`motion_energy` exceeds ``tau``. A learned
    threshold is drawn anew in every step, ``tau = sigmoid(u)``,
    ``u ~ N(mu, sigma^2)``, and its distribution follows the policy gradient
    of a reward for small losses and few patches; at test it is the mean.

    Source: the idea of LMFT (Liu, Stavness, Rochan, CVPR 2026), of which no
    code was known to us (docs/methods.md).

    Args:
        threshold (str): ``'fixed'`` or ``'learned'``. Defaults to
            ``'fixed'``.
        tau (float): The fixed threshold, in [0, 1). Defaults to 0.5.
        keep_first (bool): See :func:`motion_energy`. Defaults to True.
        loss_scale (float): Of the losses in the reward. Defaults to 10.
        losses (Sequence[str]): Losses of the two domains, of which those
            count that there are. Defaults to ``('loss_cls', 'loss_pseudo')``.
    """

    baseline: Tensor

    def __init__(
        self,
        threshold: str = 'fixed',
        tau: float = 0.5,
        keep_first: bool = True,
        loss_scale: float = 10.0,
        losses: Sequence[str] = ('loss_cls', 'loss_pseudo'),
    ) -> None:
        super().__init__()
        check_choice('select.threshold', threshold, ('fixed', 'learned'))
        if not 0 <= tau < 1:
            raise ValueError(f'select.tau must lie in [0, 1), got {tau}')
        self.learned = threshold == 'learned'
        self.tau = tau
        self.keep_first = keep_first
        self.loss_scale = loss_scale
        self.losses = tuple(losses)
        if self.learned:
            self.mu = nn.Parameter(torch.tensor(0.01))
            self.log_sigma = nn.Parameter(torch.tensor(-1.0))
            self.register_buffer('baseline', torch.tensor(0.0))

    def forward(self, patches: Tensor) -> Tensor:
        """Which patches are kept.

        Args:
            patches (Tensor): ``[n, t, P, d]``, see :meth:`Grid.cut`.

        Returns:
            Tensor: Bool ``[n, t, P]``.
        """
        energy = motion_energy(patches, self.keep_first)
        kept = energy > self._threshold(energy.dtype)
        self.kept_share = kept.to(energy.dtype).mean()
        return kept

    @torch.no_grad()
    def _threshold(self, dtype: torch.dtype):
        if not self.learned:
            return self.tau
        if self.training:
            noise = torch.randn_like(self.mu)
        else:
            shares = torch.arange(QUANTILES, device=self.mu.device) + 0.5
            noise = torch.special.ndtri(shares / QUANTILES)
        u = self.mu + self.log_sigma.exp() * noise
        if self.training:
            self.drawn = u
        return u.sigmoid().mean().to(dtype)

    def loss(self, losses: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Loss whose gradient is the policy's, of the step's last draw.

        The reward is the sum over domains of ``-10 L - kept share``.

        Args:
            losses (dict): All other losses of the step.

        Returns:
            dict: ``loss_policy``, ``tau`` and ``kept``; of a fixed threshold
            ``kept`` alone.
        """
        if not self.learned:
            return dict(kept=self.kept_share)
        found = [losses[name] for name in self.losses if name in losses]
        reward = -len(found) * self.kept_share
        reward = reward - self.loss_scale * sum(x.detach() for x in found)
        advantage = reward - self.baseline
        density = log_density(self.drawn, self.mu, self.log_sigma)
        mean = reward.clone()
        all_reduce(mean, 'mean')
        self.baseline.lerp_(mean.to(self.baseline), 0.1)
        return dict(
            loss_policy=-advantage * density,
            tau=self.drawn.sigmoid(),
            kept=self.kept_share,
        )
