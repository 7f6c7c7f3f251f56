from typing import Sequence

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmaction.registry import MODELS

from ..utils import gather_rows


@MODELS.register_module()
class ClassBalancedCrossEntropy(nn.Module):
    r"""Cross-entropy whose rows weigh one over the frequency of their class.

    The weighted mean :math:`\sum_i w_i l_i / \sum_i w_i` over the rows of
    all processes. MMAction2's :class:`CrossEntropyLoss` with a
    ``class_weight`` divides by the weights of each process by itself.

    Args:
        class_counts (Sequence[int]): Training videos of every class.
        loss_weight (float): Defaults to 1.
    """

    couples_samples = True  # see UDATrainLoop
    weights: torch.Tensor

    def __init__(
        self, class_counts: Sequence[int], loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        if not all(count > 0 for count in class_counts):
            raise ValueError(
                'loss_cls.class_counts must be positive, got '
                f'{list(class_counts)}: leave out classes without a video'
            )
        self.loss_weight = loss_weight
        self.register_buffer(
            'weights', 1 / torch.tensor(class_counts).double(), False
        )

    def forward(
        self, logits: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        """Loss of logits ``[N, K]`` with labels ``[N]``, a scalar."""
        if logits.shape[-1] != len(self.weights):
            raise ValueError(
                f'loss_cls.class_counts has {len(self.weights)} classes, '
                f'cls_head.num_classes is {logits.shape[-1]}'
            )
        rows = F.cross_entropy(logits, labels, reduction='none')
        rows, labels = gather_rows(rows), gather_rows(labels)
        weights = self.weights[labels].to(rows.dtype)
        return self.loss_weight * (rows @ weights) / weights.sum()
