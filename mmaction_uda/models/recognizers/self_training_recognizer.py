from typing import Optional

import torch
from mmaction.registry import MODELS
from torch import Tensor

from ..utils import Losses, Samples, build_part, sample_tensors, split_domains
from .uda_recognizer import UDARecognizer


@MODELS.register_module()
class SelfTrainingRecognizer(UDARecognizer):
    """Learns from what it says itself of another view of the target.

    Without a gradient it first predicts the weak views, which a
    :class:`DomainPairDataset` adds to the target's items (``weak``); losses
    find its scores in ``student_scores``. In training its net, a
    :class:`TunedBackbone`, sees a part of the patches of the target alone;
    each mask is a view.

    Source: UNITE (Reddy et al., CVPR 2024), stage 3.

    Args:
        mask (dict, optional): Config of a :class:`PatchMask`; by default all
            patches are seen.
        args, kwargs: Those of :class:`UDARecognizer`.
    """

    def __init__(self, *args, mask: Optional[dict] = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.mask = build_part(mask)

    def loss(
        self,
        inputs: Tensor,
        data_samples: Samples,
        weak: Optional[Tensor] = None,
        **kwargs,
    ) -> Losses:
        """Losses of a batch of both domains.

        Args:
            inputs, data_samples: See :meth:`UDARecognizer.loss`.
            weak (Tensor, optional): Weak views of the target's samples,
                ``[target rows, V', 3, T, H, W]``.
        """
        samples = sample_tensors(data_samples, inputs.device)
        if weak is not None:
            samples.student_scores = self.scores(weak)
        return self.losses(inputs, samples)

    @torch.no_grad()
    def scores(self, inputs: Tensor) -> Tensor:
        """Probabilities ``[B, K]``, the mean over views, of whole clips."""
        _, feats, _ = self._encode(self.backbone(inputs), None)
        return self.cls_head(feats).softmax(-1).mean(1)

    def _tokens(self, inputs: Tensor, samples: Samples) -> Tensor:
        """Tokens, in training those of each mask as views of the target.

        Of the source every view comes as often, so that means are the same.
        """
        clips = inputs.ndim == 6
        if self.mask is None or not clips:
            return super()._tokens(inputs, samples)
        source, target = split_domains(inputs, samples)
        flat = target.flatten(0, 1).transpose(1, 2)
        masks = self.mask(flat, self.backbone.grid.cut(flat))
        views = [self.backbone(target, kept) for kept in masks]
        whole = self.backbone(source).repeat(1, len(masks), 1, 1)
        return torch.cat((whole, torch.cat(views, 1)))
