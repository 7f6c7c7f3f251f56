from typing import Annotated, Dict, Tuple

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from ..layers.adapter import Adapter
from ..utils import Outputs, Samples, freeze, of_domain
from .text_loss import TextHead, TextLoss, ensemble_labels


@MODELS.register_module()
class AdapterDistillationLoss(TextLoss):
    r"""A student adapter learns of CLIP and of two adapters (DALL-V).

    Scores :math:`c` are cosines, means over frames and templates, of CLIP's
    frames, of these as the source adapter and as the target adapter maps
    them; of the student they are products of its feature, which is not
    normalised, and the texts. With :math:`\tau` the temperature

    .. math:: 0.9\, KL(\tfrac13 \sum softmax(c / \tau) \,\|\,
        softmax(c_{stu} / \tau)) + 0.1\, CE(c_{stu}, y)

    ``y`` of :func:`ensemble_labels`. A mean over rows, a sum over classes.

    Source: DALL-V (Zara et al., ICCV 2023), third stage.

    Args:
        source, target (dict): Arguments of the :class:`Adapter` of a domain,
            with the ``init_cfg`` that fills it; they are not trained.
        temperature (float): Defaults to 2.
        distillation (float): Weight of the first term, in [0, 1]. Defaults
            to 0.9.
        label_weights (tuple[float]): Of CLIP, source and target adapter.
            Defaults to (0.5, 0.3, 0.2).
        label_rule (str): See :func:`ensemble_labels`.
            Defaults to ``'paper'``.
        kwargs: Those of :class:`TextLoss`.
    """

    def __init__(
        self,
        in_channels: int,
        source: Annotated[dict, Adapter],
        target: Annotated[dict, Adapter],
        temperature: float = 2.0,
        distillation: float = 0.9,
        label_weights: Tuple[float, float, float] = (0.5, 0.3, 0.2),
        label_rule: str = 'paper',
        **kwargs,
    ) -> None:
        super().__init__(in_channels, **kwargs)
        self.source = freeze(Adapter(in_channels, **source))
        self.target = freeze(Adapter(in_channels, **target))
        self.temperature = temperature
        self.distillation = distillation
        self.label_weights = label_weights
        self.label_rule = label_rule

    def forward(
        self, outputs: Outputs, data_samples: Samples, head: TextHead
    ) -> Dict[str, Tensor]:
        """``loss_distill``, ``loss_cls``, and ``agreed``, of how many rows
        two of the three name one class."""
        tokens = self.tokens_of(outputs, data_samples, head)
        texts = head.embeddings.mean(0)  # cosines are linear in texts
        teachers = self.teachers(tokens, texts.to(tokens.dtype))
        student = of_domain(outputs.feats, data_samples, head.label_domain)
        scores = student.flatten(0, 1) @ texts.T.to(student.dtype)
        labels, agreed = ensemble_labels(
            teachers, self.label_weights, self.label_rule
        )
        soft = (teachers / self.temperature).softmax(-1).mean(0)
        log_p = (scores / self.temperature).log_softmax(-1)
        share = self.loss_weight * self.distillation
        rest = self.loss_weight * (1 - self.distillation)
        return dict(
            loss_distill=share * F.kl_div(log_p, soft, reduction='batchmean'),
            loss_cls=rest * F.cross_entropy(scores, labels),
            agreed=agreed.float().mean(),
        )

    @torch.no_grad()
    def teachers(self, tokens: Tensor, texts: Tensor) -> Tensor:
        """Scores ``[3, N * V, K]`` of frames ``[N, V, T, d]``."""
        frames = tokens.flatten(0, 1)
        parts = frames, self.source(frames), self.target(frames)
        means = [F.normalize(part, dim=-1).mean(1) for part in parts]
        return torch.stack(means) @ texts.T
