"""Rows whose weights change sides: adaptive curriculum regularization."""

from typing import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..utils import gather_rows


class PredictionMemory(nn.Module):
    """The last predictions of every video, in checkpoints.

    It grows to the largest place that it is told of, or that is stored.

    Args:
        length (int): Predictions of a video. Defaults to 10.
    """

    predictions: Tensor  # [N, length, K]
    counts: Tensor  # [N], how many there were

    def __init__(self, length: int = 10) -> None:
        super().__init__()
        self.length = length
        self.register_buffer('predictions', torch.zeros(0, length, 0))
        self.register_buffer('counts', torch.zeros(0, dtype=torch.long))

    @torch.no_grad()
    def mean(self, indices: Tensor, num_classes: int) -> Tensor:
        """Means ``[B, K]`` of what is remembered, 0 of no prediction.

        Args:
            indices (Tensor): Places ``[B]`` of videos.
            num_classes (int): ``K``.
        """
        self._grow(int(indices.max()) + 1, num_classes)
        known = self.counts[indices].clamp(1, self.length)
        return self.predictions[indices].sum(1) / known[:, None]

    @torch.no_grad()
    def push(self, indices: Tensor, predictions: Tensor) -> None:
        """Remember predictions ``[B, K]``, the oldest ones are forgotten.

        All processes remember those of all.
        """
        indices = gather_rows(indices)
        predictions = gather_rows(predictions).to(self.predictions)
        self._grow(int(indices.max()) + 1, predictions.shape[-1])
        places = self.counts[indices] % self.length
        self.predictions[indices, places] = predictions
        self.counts[indices] += 1

    def make_room(self, state: Mapping[str, Tensor], prefix: str) -> None:
        """Grow as the memory in a checkpoint, before that is loaded.

        Args:
            state (Mapping[str, Tensor]): Weights and buffers of a model.
            prefix (str): Of the names of this module.
        """
        stored = state.get(f'{prefix}predictions')
        if stored is not None and stored.ndim == 3:
            self._grow(len(stored), stored.shape[-1])

    def _grow(self, size: int, num_classes: int) -> None:
        more = size - len(self.counts)
        if more > 0:
            old, shape = self.predictions, (size, self.length, num_classes)
            self.predictions = old.new_zeros(shape)
            self.predictions[: len(old), :, : old.shape[-1]] = old
            self.counts = F.pad(self.counts, (0, more))


class AdaptiveCurriculum(nn.Module):
    r"""Moves weights of some rows to the other side, the later the more.

    A row is drawn with the chance :math:`1 - e^{-scale\, t / T}`; of those
    drawn the first :math:`\lfloor \rho B \rfloor` are looked at. Their ``w``
    becomes :math:`(1 - w) \varphi + w (1 - \varphi)` where the student ``p``
    is not ``sure``, or where it stands still: the mean ``m`` of the last
    predictions of the video is sure, and :math:`KL(m \| p) / K < 0.04`.

    Source: Co-STAR (Dadashzadeh et al., WACV 2026).

    Args:
        scale (float): Defaults to 4.
        ratio (float): :math:`\rho`, in [0, 1]. Defaults to 0.4.
        mix (float): :math:`\varphi`, in [0, 1]. Defaults to 0.4.
        sure (float): Of a largest probability. Defaults to 0.8.
        still (float): Defaults to 0.04.
        length (int): Predictions that are remembered. Defaults to 10.
    """

    def __init__(
        self,
        scale: float = 4.0,
        ratio: float = 0.4,
        mix: float = 0.4,
        sure: float = 0.8,
        still: float = 0.04,
        length: int = 10,
    ) -> None:
        super().__init__()
        for name, value in (('ratio', ratio), ('mix', mix)):
            if not 0 <= value <= 1:
                raise ValueError(
                    f'curriculum.{name} must be in [0, 1], got {value}'
                )
        self.scale, self.ratio, self.mix = scale, ratio, mix
        self.sure, self.still = sure, still
        self.memory = PredictionMemory(length)

    @torch.no_grad()
    def forward(
        self, weights: Tensor, log_p: Tensor, indices: Tensor, epoch: Tensor
    ) -> Tensor:
        """Weights ``[B]`` of which some have changed.

        Args:
            weights (Tensor): ``[B]``.
            log_p (Tensor): Logarithms ``[B, K]`` of the student's
                probabilities, which are remembered afterwards.
            indices (Tensor): Places ``[B]`` of the videos.
            epoch (Tensor): The progress :math:`t / T`.
        """
        draws = torch.rand(len(weights)).to(weights.device)
        drawn = draws < 1 - torch.exp(-self.scale * epoch)
        most = int(self.ratio * len(weights))
        looked_at = drawn & (drawn.cumsum(0) <= most)
        student = log_p.exp()
        before = self.memory.mean(indices, student.shape[-1])
        self.memory.push(indices, student)
        moved = F.kl_div(log_p, before.to(log_p), reduction='none').mean(-1)
        stands = (moved < self.still) & (before.amax(-1) > self.sure)
        changes = looked_at & (stands | (student.amax(-1) < self.sure))
        mixed = (1 - weights) * self.mix + weights * (1 - self.mix)
        return torch.where(changes, mixed, weights)
