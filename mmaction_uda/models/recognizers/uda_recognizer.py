from typing import List, Optional, Tuple

import torch.nn.functional as F
from mmaction.models import BaseRecognizer
from mmaction.registry import MODELS
from torch import Tensor

from ..losses import at_least_float32, full_precision
from ..utils import (
    Losses,
    Outputs,
    Samples,
    SampleTensors,
    Term,
    build_part,
    sample_tensors,
)


@MODELS.register_module()
class UDARecognizer(BaseRecognizer):
    """Video recognizer for unsupervised domain adaptation.

    One forward over the concatenated batch, source rows first, any number of
    views. Every part that a config names (docs/methods.md) is a term of the
    loss, a :data:`Term`; of a head its method ``loss``.

    Source: TransferAttn (Sacilotti, Sebe, Almeida), Eq. 1.

    Args:
        backbone, neck (dict): Usually a :class:`FrozenBackbone`; an encoder.
        cls_head (dict): Classifier. ``in_channels`` of this and the other
            heads defaults to the neck's ``out_channels``.
        domain_head (dict, optional): See :class:`DomainHead`.
        loss_entropy, loss_align, loss_pseudo (dict, optional): See
            :class:`EntropyLoss`, :class:`AlignmentLoss`, :class:`CoSTARLoss`,
            :class:`PseudoLabelLoss`, :class:`MatchOrConfLoss`.
        ib_head (dict, optional): See :class:`InformationBottleneckHead`.
        feature_scale (float, optional): Norm of every feature before the
            heads; None leaves it. Defaults to ``1 / 0.07``, the authors'.
        label_domain (str, optional): Whose labels are learnt; ``'target'`` by
            oracle and pseudo-labels, None: nobody's. Default: ``'source'``.
        kwargs: Of MMAction2's :class:`BaseRecognizer`.
    """

    compile_target = 'losses'  # see compat.compile_tensors_alone

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        cls_head: dict,
        domain_head: Optional[dict] = None,
        loss_entropy: Optional[dict] = None,
        ib_head: Optional[dict] = None,
        loss_align: Optional[dict] = None,
        loss_pseudo: Optional[dict] = None,
        feature_scale: Optional[float] = 1 / 0.07,
        label_domain: Optional[str] = 'source',
        **kwargs,
    ) -> None:
        super().__init__(backbone=backbone, neck=neck, **kwargs)
        shape = dict(in_channels=self.neck.out_channels)
        self.cls_head = build_part(
            cls_head, label_domain=label_domain, **shape
        )
        self.domain_head = build_part(domain_head, **shape)
        shape['num_classes'] = self.cls_head.num_classes
        self.ib_head = build_part(ib_head, **shape)
        self.loss_entropy = build_part(loss_entropy)
        self.loss_align = build_part(loss_align)
        self.loss_pseudo = build_part(loss_pseudo)
        self.feature_scale = feature_scale

    def extract_feat(
        self,
        inputs: Tensor,
        data_samples: Optional[Samples] = None,
        stage: str = 'neck',
        test_mode: bool = False,
    ) -> Tuple[Tensor, dict]:
        """Features of every view, and an empty dict, as MMAction2 asks.

        Args:
            inputs (Tensor): ``[B, V, 3, T, H, W]`` clips, or cached
                tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; without them every row is a target.
            stage (str): ``'backbone'``: tokens ``[B, V, T, C]``, ``'neck'``:
                features ``[B, V, d]``, ``'head'``: logits ``[B, V, K]``.
            test_mode (bool): Every row is a target, whatever its origin.
        """
        if stage == 'backbone':
            return self.backbone(inputs), dict()
        tokens, samples = self.backbone(inputs), data_samples
        _, feats, _ = self._encode(tokens, None if test_mode else samples)
        return self.cls_head(feats) if stage == 'head' else feats, dict()

    def _forward(self, inputs: Tensor, stage: str = 'head', **kwargs):
        """``model(inputs)``, ``mode='tensor'``: the whole network's logits.

        MMAction2 gives what the backbone gives, which is usually frozen here.
        """
        return super()._forward(inputs, stage, **kwargs)

    def loss(self, inputs: Tensor, data_samples: Samples, **kwargs) -> Losses:
        """Losses of a batch of both domains, averaged over views.

        Returns:
            dict: Every term by name; monitors have no ``loss`` in theirs.
        """
        return self.losses(inputs, sample_tensors(data_samples, inputs.device))

    def losses(self, inputs: Tensor, samples: SampleTensors) -> Losses:
        """The same of tensors alone: what ``compile`` of a config compiles."""
        outputs, neck_losses = self.outputs(inputs, samples)
        with full_precision():
            losses = {**self.cls_head.loss(outputs, samples), **neck_losses}
            for term in self._terms():
                losses.update(term(outputs, samples))
        if hasattr(self.backbone, 'loss'):  # of what it chooses to see
            losses.update(self.backbone.loss(losses))
        return losses

    def outputs(
        self, inputs: Tensor, samples: Samples
    ) -> Tuple[Outputs, Losses]:
        """What one forward hands to every term, and the neck's own losses."""
        tokens = self._tokens(inputs, samples)
        pooled, feats, neck_losses = self._encode(tokens, samples)
        logits = self.cls_head(feats)
        domains = self.domain_head and self.domain_head(feats)
        return Outputs(logits, feats, pooled, domains, tokens), neck_losses

    def _encode(self, tokens: Tensor, samples: Optional[Samples], neck=None):
        """Features ``[B, V, d]`` as pooled and scaled, losses of the neck."""
        pooled, losses = (neck or self.neck)(tokens, samples)
        feats = pooled = at_least_float32(pooled)
        if self.feature_scale is not None:
            feats = self.feature_scale * F.normalize(pooled, dim=-1)
        return pooled, feats, losses

    def _tokens(self, inputs: Tensor, samples: Samples) -> Tensor:
        return self.backbone(inputs)

    def _terms(self) -> List[Term]:
        """What the config asks for besides the classifier."""
        terms = [self.loss_entropy, self.loss_align, self.loss_pseudo]
        terms += [h and h.loss for h in (self.domain_head, self.ib_head)]
        return [term for term in terms if term is not None]
