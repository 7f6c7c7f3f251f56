from typing import Dict

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS

from ...choices import check_choice
from ..utils import (
    Outputs,
    Samples,
    gather_rows,
    split_domains,
    teacher_scores,
)


@MODELS.register_module()
class PseudoLabelLoss(nn.Module):
    """Cross-entropy of sure target rows with their own prediction.

    Rows whose largest probability exceeds a threshold take their most
    probable class, by the same forward, for a label; or probability and
    class are those of a teacher, ``teacher_scores`` of the samples. The mean
    is over the rows chosen on all processes; 0 when there is none, and before
    ``start``.

    Source: TranSVAE (Wei et al., NeurIPS 2023), classification loss.

    Args:
        threshold (float): In [0, 1); ``eta`` of the paper.
        start (float): Share of the epochs, in [0, 1], after which the loss
            begins: 0.1 of 1000 is the epoch number 101. Defaults to 0.
        labels (str): Whose they are, ``'own'`` or ``'teacher'``. Defaults to
            ``'own'``.
        loss_weight (float): Defaults to 1.
    """

    couples_samples = True  # see UDATrainLoop
    active: torch.Tensor

    def __init__(
        self,
        threshold: float,
        start: float = 0.0,
        labels: str = 'own',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice('loss_pseudo.labels', labels, ('own', 'teacher'))
        for name, value in (('threshold', threshold), ('start', start)):
            if not 0 <= value <= 1:
                raise ValueError(
                    f'loss_pseudo.{name} must be in [0, 1], got {value}'
                )
        self.threshold = threshold
        self.start = start
        self.labels = labels
        self.loss_weight = loss_weight
        # Not in checkpoints: UDATrainLoop publishes the progress.
        self.register_buffer(
            'active', torch.tensor(float(start == 0)), persistent=False
        )

    def set_progress(self, epoch: float, iteration: float) -> None:
        """Take the progress in [0, 1], counted in epochs and iterations."""
        self.active.fill_(epoch >= self.start)

    def forward(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Loss of the sure target rows, a :data:`Term`.

        Args:
            outputs (Outputs): ``logits`` ``[B, V, K]`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: ``loss_pseudo``, a scalar.
        """
        _, logits = split_domains(outputs.logits, data_samples)
        scores = logits.detach().softmax(-1)
        if self.labels == 'teacher':
            given = teacher_scores(data_samples).to(scores)
            scores = given[:, None].expand_as(scores)
        logits, scores = gather_rows(logits), gather_rows(scores)
        logits = logits.flatten(0, -2)
        confidence, labels = scores.flatten(0, -2).max(-1)
        chosen = (confidence > self.threshold).to(logits.dtype)
        rows = F.cross_entropy(logits, labels, reduction='none')
        # Weights in place of a selection, whose size a GPU would tell late.
        mean = rows @ chosen / chosen.sum().clamp(min=1)
        loss = self.loss_weight * self.active.to(mean.dtype) * mean
        return dict(loss_pseudo=loss)
