from typing import Dict, Protocol, Tuple

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from ...choices import check_choice
from ...faults import Faults
from ..utils import Outputs, Samples, gather_rows, gt_labels, of_domain


class TextHead(Protocol):
    """What these losses read of a :class:`TextClsHead`."""

    label_domain: str
    embeddings: Tensor  # [M, K, d], of norm 1

    def __call__(self, x: Tensor) -> Tensor:
        """Logits ``[..., 1, K]`` of features ``[..., V, d]``."""


class TextLoss(BaseModule):
    """A loss that compares features with texts: of :class:`TextClsHead`.

    Called with the outputs, the samples of a batch and the head; a dict of
    losses and monitors comes out.

    Args:
        in_channels (int): Width ``d`` of features and texts; the head fills
            it in.
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, in_channels: int, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.loss_weight = loss_weight

    def forward(
        self, outputs: Outputs, data_samples: Samples, head: TextHead
    ) -> Dict[str, Tensor]:
        """Losses of the rows of ``head.label_domain``."""
        raise NotImplementedError

    @staticmethod
    def tokens_of(
        outputs: Outputs, data_samples: Samples, head: TextHead
    ) -> Tensor:
        """CLIP's own frames of these rows, ``[N, V, T, d]``."""
        assert outputs.tokens is not None  # a recognizer gives them
        return of_domain(outputs.tokens, data_samples, head.label_domain)


def text_contrastive_loss(
    features: Tensor,
    texts: Tensor,
    labels: Tensor,
    scale: float = 100.0,
    sharpness: float = 10.0,
) -> Tensor:
    r"""Rows and their texts find each other, as many as have one label.

    :math:`\frac12 [KL(q \| softmax(s\, \hat v \hat t^T)) +
    KL(q \| softmax(s\, \hat t \hat v^T))]` with :math:`q_i = softmax_j(10
    [y_i = y_j])`, a sum over columns, a mean over rows.

    Source: DALL-V (Zara et al., ICCV 2023), after ActionCLIP.

    Args:
        features (Tensor): ``[B, d]``.
        texts (Tensor): ``[B, d]``, of the label of each row.
        labels (Tensor): ``[B]``.
        scale (float): ``s``. Defaults to 100.
        sharpness (float): 10.
    """
    same = (labels[:, None] == labels).to(features.dtype)
    q = (sharpness * same).softmax(-1)
    features = F.normalize(features, dim=-1)
    scores = scale * features @ F.normalize(texts, dim=-1).T
    both = (
        F.kl_div(s.log_softmax(-1), q, reduction='batchmean')
        for s in (scores, scores.T)
    )
    return sum(both, torch.zeros_like(scores[0, 0])) / 2


@MODELS.register_module()
class TextContrastiveLoss(TextLoss):
    """:func:`text_contrastive_loss` of features, one random template a row.

    Rows of all processes are one batch.

    Args:
        labels (str): ``'given'``, those of the samples; or ``'zero_shot'``,
            what CLIP itself says of the frames of the step.
            Defaults to ``'given'``.
        scale, sharpness (float): See there.
        kwargs: Those of :class:`TextLoss`.
    """

    couples_samples = True  # see UDATrainLoop

    def __init__(
        self,
        in_channels: int,
        labels: str = 'given',
        scale: float = 100.0,
        sharpness: float = 10.0,
        **kwargs,
    ) -> None:
        super().__init__(in_channels, **kwargs)
        check_choice('text_loss.labels', labels, ('given', 'zero_shot'))
        self.labels = labels
        self.scale, self.sharpness = scale, sharpness

    def forward(
        self, outputs: Outputs, data_samples: Samples, head: TextHead
    ) -> Dict[str, Tensor]:
        """``loss_cls``, and ``top1_acc``, how many labels are predicted."""
        feats = of_domain(outputs.feats, data_samples, head.label_domain)
        views = feats.shape[1]
        if self.labels == 'given':
            samples = of_domain(data_samples, data_samples, head.label_domain)
            labels = gt_labels(samples, views, feats.device)
        else:
            tokens = self.tokens_of(outputs, data_samples, head)
            labels = head(tokens).argmax(-1).flatten()
        rows, logits = feats.flatten(0, 1), head(feats[:, :, None])
        templates = head.embeddings
        chosen = torch.randint(len(templates), labels.shape).to(labels.device)
        texts = templates[chosen, labels].to(rows.dtype)
        loss = text_contrastive_loss(
            gather_rows(rows),
            gather_rows(texts),
            gather_rows(labels),
            self.scale,
            self.sharpness,
        )
        hits = logits.detach().argmax(-1).flatten() == labels
        return dict(
            loss_cls=self.loss_weight * loss, top1_acc=hits.float().mean()
        )


def ensemble_labels(
    scores: Tensor,
    weights: Tuple[float, ...] = (0.5, 0.3, 0.2),
    rule: str = 'paper',
) -> Tuple[Tensor, Tensor]:
    """The class on which two of three agree, else that of their mean.

    Args:
        scores (Tensor): Of the three, ``[3, N, K]``.
        weights (tuple[float]): Of the mean. Defaults to (0.5, 0.3, 0.2).
        rule (str): ``'release'`` takes agreement on class 0 for none, as
            the authors' code does. Defaults to ``'paper'``.

    Returns:
        tuple: Labels ``[N]`` and bool ``[N]``, whether two agree.
    """
    check_choice('text_loss.label_rule', rule, ('paper', 'release'))
    if len(weights) != 3 or len(scores) != 3:
        raise Faults(f'text_loss.label_weights={weights} must be three')
    first, second, third = scores.argmax(-1)
    agreed = (first == second) | (first == third) | (second == third)
    # If the first agrees with none, the others agree, or nobody does.
    common = torch.where((first == second) | (first == third), first, second)
    if rule == 'release':
        agreed = agreed & (common != 0)
    mean = torch.einsum('m,mnk->nk', scores.new_tensor(weights), scores)
    return torch.where(agreed, common, mean.argmax(-1)), agreed
