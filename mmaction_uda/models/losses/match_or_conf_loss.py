from typing import Dict

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from ...choices import check_choice
from ...faults import Faults
from ..utils import Outputs, Samples, SampleTensors, of_domain, sample_tensors
from .target_labels import NONE, match_or_conf


@MODELS.register_module()
class MatchOrConfLoss(nn.Module):
    """Cross-entropy of target rows with trusted labels (UNITE, stage 3).

    Student and teacher choose rows and labels, see :func:`match_or_conf`.
    The student is the model itself: on another view of the video where there
    is one (:class:`SelfTrainingRecognizer`), else on this one, without a
    gradient. A row counts as much as the student is sure:
    ``r * mean_selected(max p * CE)``, ``r`` the share of selected rows. That
    is the sum over the selected rows by the number of all.

    Source: UNITE (Reddy et al., CVPR 2024), https://arxiv.org/abs/2312.02914.

    Args:
        threshold (float): See :func:`match_or_conf`. Defaults to 0.1.
        teacher (str): ``'samples'``, the scores that the data set joins; or
            ``'none'``: rows of which the student is sure, its own label.
            Defaults to ``'samples'``.
        labels (str): Labels of the selected rows, ``'trusted'`` (the paper)
            or always those of the ``'student'`` (the authors' code).
            Defaults to ``'trusted'``.
        both (str): See :func:`match_or_conf`. Defaults to ``'drop'``.
        loss_weight (float): Defaults to 1.
    """

    def __init__(
        self,
        threshold: float = 0.1,
        teacher: str = 'samples',
        labels: str = 'trusted',
        both: str = 'drop',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('loss_pseudo.teacher', teacher, ('samples', 'none'))
        check_choice('loss_pseudo.labels', labels, ('trusted', 'student'))
        check_choice('loss_pseudo.both', both, ('drop', 'surer'))
        if not 0 <= threshold <= 1:
            raise ValueError(
                f'loss_pseudo.threshold must be in [0, 1], got {threshold}'
            )
        self.threshold = threshold
        self.teacher = teacher
        self.labels = labels
        self.both = both
        self.loss_weight = loss_weight

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, Tensor]:
        """Loss of the target rows, a :data:`Term`.

        Args:
            outputs (Outputs): ``logits`` ``[B, V, K]`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: ``loss_pseudo`` and the share ``selected``, both scalars.
        """
        samples = sample_tensors(data_samples, outputs.logits.device)
        logits = of_domain(outputs.logits, samples, 'target')
        student = samples.student_scores
        if student is None:
            student = logits.detach().softmax(-1).mean(1)
        sure, labels = student.max(-1)
        if self.teacher == 'none':
            selected = sure >= self.threshold
        else:
            trusted = self._trusted(student, samples)
            selected = trusted != NONE
            if self.labels == 'trusted':
                labels = torch.where(selected, trusted, labels)
        views = labels[:, None].expand(logits.shape[:2])
        rows = F.cross_entropy(logits.mT, views, reduction='none').mean(1)
        chosen = selected.to(rows.dtype)
        loss = self.loss_weight * (chosen * sure.to(rows) * rows).mean()
        return dict(loss_pseudo=loss, selected=chosen.mean())

    def _trusted(self, student: Tensor, samples: SampleTensors) -> Tensor:
        if samples.teacher_scores is None:
            raise Faults(
                "loss_pseudo.teacher='samples' needs what a teacher says of "
                'the target videos: set train_dataloader.dataset.teacher, or '
                "loss_pseudo.teacher='none'"
            )
        scores = of_domain(samples.teacher_scores, samples, 'target')
        teacher = scores.softmax(-1).to(student)
        return match_or_conf(student, teacher, self.threshold, self.both)
