from typing import Annotated, Dict, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from ...choices import check_choice
from ...faults import Faults
from ..utils import (
    Outputs,
    Samples,
    SampleTensors,
    gather_rows,
    of_domain,
    sample_tensors,
)
from .adaptive_curriculum import AdaptiveCurriculum
from .target_labels import NONE, match_or_conf


def reliability(log_p: Tensor, log_q: Tensor) -> Tensor:
    r"""How far two predictions agree: :math:`e^{-J / 4}`, in [0, 1].

    :math:`J = KL(p \| q) + KL(q \| p)`.

    Source: Co-STAR (Dadashzadeh et al., WACV 2026).

    Args:
        log_p, log_q (Tensor): Logarithms of probabilities ``[..., K]``.
    """
    distance = (log_p.exp() - log_q.exp()) * (log_p - log_q)
    return torch.exp(-distance.sum(-1) / 4)


@MODELS.register_module()
class CoSTARLoss(nn.Module):
    r"""Target rows learn of two teachers, as far as these agree (Co-STAR).

    One teacher is the moving average of the model
    (:class:`MeanTeacherRecognizer`), logits ``z_T``; the other one CLIP, the
    ``teacher_scores`` ``s`` of a sample. With ``z`` the model's logits,
    averaged over views, and :math:`p_T = softmax(z_T / 2)`, the loss is

    .. math:: mean_i\, (1 - w_i)\, KL(p_T \| softmax(z / 2))
        + w_i\, CE(z, \hat y_i)

    over the rows that have a label :math:`\hat y`, :func:`match_or_conf` of
    :math:`p_T` and :math:`softmax(s / \tau_c)`, where both are sure of the
    surer one. :math:`w = clamp(r\, e^{0.6\, t / T})`, ``t`` the epoch, with
    ``r`` the :func:`reliability` of :math:`p_T` and
    :math:`softmax(s / \tau_r)`; an :class:`AdaptiveCurriculum` changes some.

    Source: Co-STAR (Dadashzadeh et al., WACV 2026).

    Args:
        temperature (float): Of model and average. Defaults to 2.
        reliability_temperature (float): :math:`\tau_r`. Defaults to 0.25.
        label_temperature (float): :math:`\tau_c`. Defaults to 0.01.
        threshold (float): See :func:`match_or_conf`. Defaults to 0.1.
        growth (float): Of the weights. Defaults to 0.6.
        limits (tuple[float]): Of the weights. Defaults to (0, 0.6).
        weighting (str): ``'row'``: every row has its own weight (the paper);
            ``'mean'``: all have their mean (the authors' code).
            Defaults to ``'row'``.
        curriculum (dict, optional): Arguments of an
            :class:`AdaptiveCurriculum`. Defaults to None: without.
        loss_weight (float): Defaults to 1.
    """

    couples_samples = True  # see UDATrainLoop
    epoch: Tensor

    def __init__(
        self,
        temperature: float = 2.0,
        reliability_temperature: float = 0.25,
        label_temperature: float = 0.01,
        threshold: float = 0.1,
        growth: float = 0.6,
        limits: Tuple[float, float] = (0.0, 0.6),
        weighting: str = 'row',
        curriculum: Optional[Annotated[dict, AdaptiveCurriculum]] = None,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('loss_pseudo.weighting', weighting, ('row', 'mean'))
        self.temperature = temperature
        self.reliability_temperature = reliability_temperature
        self.label_temperature = label_temperature
        self.threshold = threshold
        self.growth, self.limits = growth, limits
        self.weighting = weighting
        self.loss_weight = loss_weight
        self.curriculum: Optional[nn.Module] = None
        if curriculum is not None:
            self.curriculum = AdaptiveCurriculum(**curriculum)
        # Not in checkpoints: UDATrainLoop publishes the progress.
        self.register_buffer('epoch', torch.tensor(0.0), persistent=False)

    def set_progress(self, epoch: float, iteration: float) -> None:
        """Take the progress in [0, 1], counted in epochs and iterations."""
        self.epoch.fill_(epoch)

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, Tensor]:
        """Losses of the target rows, a :data:`Term`.

        Args:
            outputs (Outputs): ``logits`` and ``averaged_logits`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: The two parts ``loss_distill`` and ``loss_pseudo``, the
            mean ``weight`` of the second and the share of rows ``selected``.
        """
        samples = sample_tensors(data_samples, outputs.logits.device)
        averaged, scores = self._teachers(outputs, samples)
        logits = of_domain(outputs.logits, samples, 'target').mean(1)
        log_t = (averaged / self.temperature).log_softmax(-1)
        log_p = (logits / self.temperature).log_softmax(-1)
        sure = log_t.exp(), (scores / self.label_temperature).softmax(-1)
        labels = match_or_conf(*sure, self.threshold, 'surer')
        weights = self.weights(log_t, scores, log_p.detach(), samples)

        rows = F.kl_div(log_p, log_t, reduction='none', log_target=True)
        distill = gather_rows(rows.sum(-1))
        # Of rows without a label the loss is 0.
        pseudo = gather_rows(
            F.cross_entropy(
                logits, labels, reduction='none', ignore_index=NONE
            )
        )
        weights = gather_rows(weights)
        chosen = gather_rows((labels != NONE).to(weights.dtype))
        share = chosen / chosen.sum().clamp(min=1)
        mean = weights @ share
        if self.weighting == 'mean':
            weights = mean.expand_as(weights)
        share = self.loss_weight * share
        return dict(
            loss_distill=((1 - weights) * distill) @ share,
            loss_pseudo=(weights * pseudo) @ share,
            weight=mean,
            selected=chosen.mean(),
        )

    @torch.no_grad()
    def weights(
        self,
        log_t: Tensor,
        scores: Tensor,
        log_p: Tensor,
        samples: SampleTensors,
    ) -> Tensor:
        """Weights ``[T]`` of the labels of the target rows."""
        log_r = (scores / self.reliability_temperature).log_softmax(-1)
        grown = torch.exp(self.growth * self.epoch.to(log_t.dtype))
        weights = (reliability(log_t, log_r) * grown).clamp(*self.limits)
        if self.curriculum is None:
            return weights
        if samples.indices is None:
            raise Faults(
                'loss_pseudo.curriculum needs the places of target videos in '
                'their list: make the items by a DomainPairDataset'
            )
        indices = of_domain(samples.indices, samples, 'target')
        return self.curriculum(weights, log_p, indices, self.epoch)

    @staticmethod
    def _teachers(
        outputs: Outputs, samples: SampleTensors
    ) -> Tuple[Tensor, Tensor]:
        """What the average and CLIP say of the target rows, ``[T, K]``."""
        if outputs.averaged_logits is None:
            raise Faults(
                'CoSTARLoss needs a moving average of the model: set '
                "model.type='MeanTeacherRecognizer'"
            )
        if samples.teacher_scores is None:
            raise Faults(
                'CoSTARLoss needs what CLIP says of the target videos: set '
                'train_dataloader.dataset.teacher'
            )
        averaged = of_domain(outputs.averaged_logits, samples, 'target')
        scores = of_domain(samples.teacher_scores, samples, 'target')
        return averaged.mean(1), scores.to(averaged)
