from typing import Dict

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS

from ..utils import Outputs, Samples, gather_rows, split_domains
from .target_labels import NONE, TargetLabels


@MODELS.register_module()
class PseudoLabelLoss(nn.Module):
    """Cross-entropy of sure target rows with their own prediction.

    Which rows have which labels :class:`TargetLabels` says: by default those
    whose largest probability exceeds a threshold have their most probable
    class, by the same forward. The mean is over the rows chosen on all
    processes; 0 when there is none, and before ``start``.

    Source: TranSVAE (Wei et al., NeurIPS 2023), classification loss.

    Args:
        threshold (float): In [0, 1); ``eta`` of the paper.
        labels (str): See :class:`TargetLabels`. Defaults to ``'model'``.
        start (float): Share of the epochs, in [0, 1], after which the loss
            begins: 0.1 of 1000 is the epoch number 101. Defaults to 0.
        loss_weight (float): Defaults to 1.
    """

    couples_samples = True  # see UDATrainLoop
    active: torch.Tensor

    def __init__(
        self,
        threshold: float,
        labels: str = 'model',
        start: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        for name, value in (('threshold', threshold), ('start', start)):
            if not 0 <= value <= 1:
                raise ValueError(
                    f'loss_pseudo.{name} must be in [0, 1], got {value}'
                )
        self.target_labels = TargetLabels(labels, threshold)
        self.start = start
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
        labels = self.target_labels(outputs, data_samples)
        logits = gather_rows(logits).flatten(0, -2)
        labels = gather_rows(labels).flatten()
        chosen = (labels != NONE).to(logits.dtype)
        # Of rows without a label the loss is 0.
        rows = F.cross_entropy(
            logits, labels, reduction='none', ignore_index=NONE
        )
        # Weights in place of a selection, whose size a GPU would tell late.
        mean = rows @ chosen / chosen.sum().clamp(min=1)
        loss = self.loss_weight * self.active.to(mean.dtype) * mean
        return dict(loss_pseudo=loss)
