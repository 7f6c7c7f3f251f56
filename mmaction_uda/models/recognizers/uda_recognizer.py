from typing import Any, Dict, List, Optional, Tuple

import torch
import torch.nn.functional as F
from mmaction.models import BaseRecognizer
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from ..utils import Outputs, Samples, SampleTensors, Term, sample_tensors


@MODELS.register_module()
class UDARecognizer(BaseRecognizer):
    """Video recognizer for unsupervised domain adaptation.

    One forward over the concatenated batch, source rows first, any number
    of views. The config says which method it is (docs/methods.md lists what
    each asks for); what is left out is None. Every part is a term of the
    loss, a :data:`Term`; of a head that is its method ``loss``.

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
        label_domain (str): The domain whose labels the classifier learns.
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
        self.cls_head = self._build_head(cls_head, label_domain=label_domain)
        self.domain_head = self._build_head(domain_head)
        self.ib_head = self._build_head(
            ib_head, num_classes=self.cls_head.num_classes
        )
        self.loss_entropy = loss_entropy and MODELS.build(loss_entropy)
        self.loss_align = loss_align and MODELS.build(loss_align)
        self.loss_pseudo = loss_pseudo and MODELS.build(loss_pseudo)
        self.feature_scale = feature_scale

    def _build_head(self, cfg: Optional[dict], **defaults) -> Any:
        defaults['in_channels'] = self.neck.out_channels
        return cfg and MODELS.build({**defaults, **cfg})

    def extract_feat(
        self,
        inputs: torch.Tensor,
        data_samples: Optional[Samples] = None,
        stage: str = 'neck',
        test_mode: bool = False,
    ) -> Tuple[torch.Tensor, dict]:
        """Features of every view, as MMAction2 asks for them.

        Args:
            inputs (torch.Tensor): ``[B, V, 3, T, H, W]`` clips, or cached
                tokens ``[B, V, T, C]``.
            data_samples (Samples, optional): ``B`` samples that carry
                ``domain``; without them every row is a target.
            stage (str): ``'backbone'`` for tokens ``[B, V, T, C]``,
                ``'neck'`` for features ``[B, V, d]``, ``'head'`` for logits
                ``[B, V, K]``.
            test_mode (bool): Every row is a target, whatever its origin.

        Returns:
            tuple: What ``stage`` says, and further arguments of a head:
            none, an empty dict.
        """
        if stage == 'backbone':
            return self.backbone(inputs), dict()
        samples = None if test_mode else data_samples
        _, feats, _ = self._encode(inputs, samples)
        return self.cls_head(feats) if stage == 'head' else feats, dict()

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
        outputs, neck_losses = self.outputs(inputs, samples)
        losses = self.cls_head.loss(outputs, samples)
        losses.update(neck_losses)
        for term in self._terms():
            losses.update(term(outputs, samples))
        return losses

    def outputs(
        self, inputs: torch.Tensor, samples: Samples
    ) -> Tuple[Outputs, Dict[str, torch.Tensor]]:
        """What one forward hands to every term, and the neck's own losses."""
        pooled, feats, neck_losses = self._encode(inputs, samples)
        outputs = Outputs(
            logits=self.cls_head(feats),
            feats=feats,
            pooled=pooled,
            domain_logits=self.domain_head and self.domain_head(feats),
        )
        return outputs, neck_losses

    def _encode(self, inputs: torch.Tensor, samples: Optional[Samples]):
        """Features ``[B, V, d]`` as pooled and scaled, losses of the neck."""
        pooled, losses = self.neck(self.backbone(inputs), samples)
        feats = pooled
        if self.feature_scale is not None:
            feats = self.feature_scale * F.normalize(pooled, dim=-1)
        return pooled, feats, losses

    def _terms(self) -> List[Term]:
        """What the config asks for besides the classifier."""
        losses = self.loss_entropy, self.loss_align, self.loss_pseudo
        heads = self.domain_head, self.ib_head
        return [
            *(loss for loss in losses if loss is not None),
            *(head.loss for head in heads if head is not None),
        ]
