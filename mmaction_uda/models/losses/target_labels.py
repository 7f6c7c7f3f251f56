"""Labels of target rows: the model's own, a teacher's, or of both."""

import torch
from torch import Tensor

from ...choices import check_choice
from ...faults import Faults
from ..utils import Outputs, Samples, of_domain, sample_tensors

LABELS = ('model', 'teacher', 'match_or_conf')
NONE = -1  # the label of a row that is left out


def match_or_conf(
    p: Tensor, q: Tensor, threshold: float, both: str = 'drop'
) -> Tensor:
    """Labels that two predictions agree on, or one alone is sure of.

    Source: UNITE (Reddy et al., CVPR 2024), Section 3.3; with
    ``both='surer'`` Co-STAR (Dadashzadeh et al., WACV 2026).

    Args:
        p (Tensor): Probabilities ``[..., K]``.
        q (Tensor): Of the other one, the same shape.
        threshold (float): From which a largest probability is sure.
        both (str): What to do where both are sure of different classes:
            ``'drop'`` the row, or take that of the ``'surer'``.
            Defaults to ``'drop'``.

    Returns:
        Tensor: ``[...]``, -1 for a row that is left out.
    """
    check_choice('both', both, ('drop', 'surer'))
    (p_max, p_class), (q_max, q_class) = p.max(-1), q.max(-1)
    p_sure, q_sure = p_max >= threshold, q_max >= threshold
    by_p, by_q = p_sure & ~q_sure, q_sure & ~p_sure
    if both == 'surer':
        surer = p_max >= q_max
        by_p, by_q = p_sure & (by_p | surer), q_sure & (by_q | ~surer)
    labels = torch.full_like(p_class, NONE)
    labels = torch.where(by_p, p_class, labels)
    labels = torch.where(by_q, q_class, labels)
    return torch.where(p_class == q_class, p_class, labels)


class TargetLabels:
    """Says which labels target rows are given, and which rows none.

    Args:
        labels (str): ``'model'`` takes the class that is most probable by
            the same forward, ``'teacher'`` by the ``teacher_scores`` of a
            sample, where that probability exceeds the threshold;
            ``'match_or_conf'`` is :func:`match_or_conf` of both.
            Defaults to ``'model'``.
        threshold (float): In [0, 1]. Defaults to 0: every row has a label.
    """

    def __init__(self, labels: str = 'model', threshold: float = 0.0) -> None:
        check_choice('labels', labels, LABELS)
        if not 0 <= threshold <= 1:
            raise ValueError(f'threshold must be in [0, 1], got {threshold}')
        self.labels = labels
        self.threshold = threshold

    @torch.no_grad()
    def __call__(self, outputs: Outputs, data_samples: Samples) -> Tensor:
        """Labels ``[T, V]`` of the target rows, -1 for none.

        Args:
            outputs (Outputs): ``logits`` ``[B, V, K]`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.
        """
        logits = of_domain(outputs.logits, data_samples, 'target')
        if self.labels == 'model':
            return self._sure(logits)
        scores = sample_tensors(data_samples, logits.device).teacher_scores
        if scores is None:
            raise Faults(
                f'labels={self.labels!r} needs what a teacher says of the '
                'target videos: set train_dataloader.dataset.teacher'
            )
        teacher = of_domain(scores, data_samples, 'target')
        teacher = teacher[:, None].expand_as(logits)
        if self.labels == 'teacher':
            return self._sure(teacher)
        both = logits.softmax(-1), teacher.softmax(-1)
        return match_or_conf(*both, self.threshold)

    def _sure(self, logits: Tensor) -> Tensor:
        classes = logits.argmax(-1)
        if not self.threshold:
            return classes
        confidence = logits.softmax(-1).amax(-1)
        return torch.where(confidence > self.threshold, classes, NONE)
