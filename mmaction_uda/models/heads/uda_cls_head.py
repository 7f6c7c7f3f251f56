from typing import Dict, List, Optional, Sequence

import torch
from mmaction.models import BaseHead
from mmaction.structures import ActionDataSample

from ...choices import check_choice
from ..utils import DOMAINS, Outputs, Samples, gt_labels, of_domain


class UDAClsHead(BaseHead):
    """What classifiers share: losses and predictions of their logits.

    Args:
        num_classes (int): Number of classes ``K``.
        in_channels (int): Width ``d`` of a feature.
        average_clips (str): What is averaged over views at test, ``'score'``
            (logits) or ``'prob'``. Defaults to ``'score'``.
        label_domain (str, optional): The domain whose labels are learnt;
            None if other terms teach it. Defaults to ``'source'``.
        fuse_views (bool): The loss is that of the logits averaged over
            views, not the mean of the views' losses. Defaults to False.
        classes (Sequence[str], optional): Names of the classes; predictions
            then have one.
        kwargs: Other arguments of :class:`BaseHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        average_clips: str = 'score',
        label_domain: Optional[str] = 'source',
        fuse_views: bool = False,
        classes: Optional[Sequence[str]] = None,
        **kwargs,
    ) -> None:
        super().__init__(
            num_classes, in_channels, average_clips=average_clips, **kwargs
        )
        if label_domain is not None:
            check_choice('label_domain', label_domain, DOMAINS)
        self.label_domain = label_domain
        self.fuse_views = fuse_views
        self.classes = classes

    def loss(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Loss of the labelled rows, a :data:`Term`.

        Args:
            outputs (Outputs): ``logits`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``, those
                of ``label_domain`` with labels.

        Returns:
            dict: That of :meth:`loss_by_feat`, empty if there are none.
        """
        if self.label_domain is None:
            return {}
        logits, labelled = (
            of_domain(rows, data_samples, self.label_domain)
            for rows in (outputs.logits, data_samples)
        )
        return self.loss_by_feat(logits, labelled)

    def loss_by_feat(
        self, cls_scores: torch.Tensor, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Cross-entropy of labelled samples, of or over their views.

        Args:
            cls_scores (torch.Tensor): Logits ``[B, V, K]``.
            data_samples (Samples): ``B`` samples with labels.

        Returns:
            dict: ``loss_cls`` and ``top1_acc``, both scalars.
        """
        if self.fuse_views:
            cls_scores = cls_scores.mean(1, keepdim=True)
        labels = gt_labels(
            data_samples, cls_scores.shape[1], cls_scores.device
        )
        cls_scores = cls_scores.flatten(0, 1)
        hits = cls_scores.detach().argmax(-1) == labels
        return dict(
            loss_cls=self.loss_cls(cls_scores, labels),
            top1_acc=hits.float().mean(),
        )

    def predict_by_feat(
        self,
        cls_scores: torch.Tensor,
        data_samples: Optional[List[ActionDataSample]] = None,
    ) -> List[ActionDataSample]:
        """Average logits ``[B, V, K]`` over views and write predictions.

        Args:
            cls_scores (torch.Tensor): Logits ``[B, V, K]``.
            data_samples (list[ActionDataSample], optional): ``B`` samples;
                by default new ones.

        Returns:
            list[ActionDataSample]: The samples, each with ``pred_score``,
            probabilities ``[K]``, ``pred_label``, and ``pred_name`` where
            names are known.
        """
        samples = data_samples or [ActionDataSample() for _ in cls_scores]
        samples = super().predict_by_feat(cls_scores.flatten(0, 1), samples)
        if self.classes is not None:
            for sample in samples:
                sample.pred_name = self.classes[int(sample.pred_label)]
        return samples

    def average_clip(
        self, cls_scores: torch.Tensor, num_segs: int = 1
    ) -> torch.Tensor:
        """Probabilities ``[B, K]`` of logits ``[B * num_segs, K]``."""
        scores = super().average_clip(cls_scores, num_segs)
        return scores.softmax(-1) if self.average_clips == 'score' else scores
