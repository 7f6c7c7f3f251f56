from typing import Dict, List, Optional, Tuple

import torch
import torch.nn.functional as F
from mmaction.models import BaseRecognizer
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from ...choices import check_choice
from ..utils import (
    DOMAINS,
    Outputs,
    Samples,
    SampleTensors,
    sample_tensors,
    split_domains,
)


@MODELS.register_module()
class UDARecognizer(BaseRecognizer):
    """Video recognizer for unsupervised domain adaptation.

    One forward over the concatenated batch, source rows first, any number
    of views. The config says which method it is (docs/methods.md lists what
    each asks for); what is left out is None.

    Source: TransferAttn (Sacilotti, Sebe, Almeida), Eq. 1.

    Args:
        backbone (dict): Usually a :class:`FrozenBackbone`.
        neck (dict): Encoder of the tokens.
        cls_head (dict): Classifier. ``in_channels`` of this and the other
            heads defaults to the neck's ``out_channels``.
        domain_head (dict, optional): See :class:`DomainHead`.
        loss_entropy (dict, optional): See :class:`EntropyLoss`.
        ib_head (dict, optional): See :class:`InformationBottleneckHead`.
        loss_align (dict, optional): See :class:`AlignmentLoss`.
        loss_pseudo (dict, optional): See :class:`PseudoLabelLoss`.
        feature_scale (float, optional): Norm every feature is scaled to
            before the heads. None leaves features as they are.
            Defaults to ``1 / 0.07``, that of the authors' code.
        label_domain (str): The domain whose labels are learnt from.
            ``'target'``: the oracle, or pseudo-labels that the data set
            gives. Defaults to ``'source'``.
        kwargs: ``data_preprocessor`` and others of MMAction2's
            :class:`BaseRecognizer`.
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
        label_domain: str = 'source',
        **kwargs,
    ) -> None:
        super().__init__(backbone=backbone, neck=neck, **kwargs)
        check_choice('label_domain', label_domain, DOMAINS)
        self.cls_head = self._build_head(cls_head)
        self.domain_head = self._build_head(domain_head)
        self.ib_head = self._build_head(
            ib_head, num_classes=self.cls_head.num_classes
        )
        self.loss_entropy = loss_entropy and MODELS.build(loss_entropy)
        self.loss_align = loss_align and MODELS.build(loss_align)
        self.loss_pseudo = loss_pseudo and MODELS.build(loss_pseudo)
        self.feature_scale = feature_scale
        self.label_domain = label_domain

    def _build_head(self, cfg: Optional[dict], **known):
        known['in_channels'] = self.neck.out_channels
        return cfg and MODELS.build({**known, **cfg})

    def extract_feat(
        self,
        inputs: torch.Tensor,
        data_samples: Optional[Samples] = None,
        stage: str = 'neck',
        test_mode: bool = False,
    ) -> Tuple:
        """Features of every view.

        Args:
            inputs (torch.Tensor): ``[B, V, 3, T, H, W]`` clips, or cached
                tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``.
            stage (str): ``'backbone'`` for tokens ``[B, V, T, C]``,
                ``'neck'`` for features, ``'head'`` for logits.
            test_mode (bool): Every row is a target, whatever its origin.

        Returns:
            tuple: ``[B, V, d]``; ``pooled`` (unscaled) and ``loss_aux``.
        """
        x = self.backbone(inputs)
        if stage == 'backbone':
            return x, dict()
        pooled, loss_aux = self.neck(x, None if test_mode else data_samples)
        feats = pooled
        if self.feature_scale is not None:
            feats = self.feature_scale * F.normalize(pooled, dim=-1)
        if stage == 'head':
            return self.cls_head(feats), dict()
        if test_mode:
            return feats, dict()
        return feats, dict(pooled=pooled, loss_aux=loss_aux)

    def loss(
        self,
        inputs: torch.Tensor,
        data_samples: List[ActionDataSample],
        **kwargs,
    ) -> Dict[str, torch.Tensor]:
        """Losses of a batch of both domains, averaged over views.

        Args:
            inputs (torch.Tensor): As in :meth:`extract_feat`.
            data_samples (list[:obj:`ActionDataSample`]): ``B`` samples,
                source first.

        Returns:
            dict: ``loss_cls``, those of the parts that the config asks for,
            and monitors without ``loss`` in their name.
        """
        return self.losses(inputs, sample_tensors(data_samples, inputs.device))

    def losses(
        self, inputs: torch.Tensor, samples: SampleTensors
    ) -> Dict[str, torch.Tensor]:
        """The same of tensors alone: what ``compile`` of a config compiles."""
        feats, extra = self.extract_feat(inputs, samples)
        outputs = Outputs(
            logits=self.cls_head(feats),
            feats=feats,
            pooled=extra['pooled'],
            domain_logits=self.domain_head and self.domain_head(feats),
        )
        labelled = self.label_domain == 'target'
        losses = self.cls_head.loss_by_feat(
            split_domains(outputs.logits, samples)[labelled],
            split_domains(samples, samples)[labelled],
        )
        losses.update(extra['loss_aux'])
        for name in ('loss_entropy', 'loss_align', 'loss_pseudo'):
            term = getattr(self, name)
            if term is not None:
                losses[name] = term(outputs, samples)
        if self.domain_head is not None:
            domain = outputs.domain_logits
            losses.update(self.domain_head.loss_by_feat(domain, samples))
        if self.ib_head is not None:
            losses.update(self.ib_head.loss(outputs, samples))
        return losses
