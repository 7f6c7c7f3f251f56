import math
from typing import Dict, Optional, Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from ...choices import check_choice
from ...faults import Faults
from ...templates import Templates, templates_of
from ..losses import at_least_float32, full_precision
from ..utils import Outputs, Samples
from .uda_cls_head import UDAClsHead

ORDERS = (
    *('probs_over_frames', 'probs_over_templates'),
    *('logits', 'mean_text'),
)


@MODELS.register_module()
class TextClsHead(UDAClsHead):
    r"""A classifier whose weights are embedded names of the classes (CLIP).

    The embeddings :math:`t_{mk}` of class ``k`` in template ``m`` come from
    a file, ``init_cfg=dict(type='StoredInit', checkpoint=FILE)``; our tools
    look for it beside the lists if it is not named. They are fixed. With
    features and embeddings of norm 1, :math:`s_{nmk} = scale\, f_n t_{mk}`,
    ``n`` a view: with :class:`FrameNeck` a frame. Views are averaged here, in
    one of four orders, so that one view of logits comes out:

    =========================  ==============================================
    ``'probs_over_frames'``    mean_n softmax_k(mean_m s)  (UNITE)
    ``'probs_over_templates'`` mean_m softmax_k(mean_n s)  (DALL-V's meaning)
    ``'logits'``               softmax_k(mean_nm s)  (Co-STAR)
    ``'mean_text'``            softmax_k(scale g t_k), ``g`` and ``t_k`` the
                               means of norm 1  (CLIP, of images)
    =========================  ==============================================

    Probabilities leave as their logarithms, which are logits.

    Args:
        num_classes (int): Number of classes ``K``.
        in_channels (int): Width ``d`` of a feature.
        templates (str | Sequence[str]): Those of the file, see
            :func:`~mmaction_uda.templates.templates_of`. Defaults to
            ``'unite'``.
        names (Sequence[str], optional): What the classes are called there;
            by default ``metainfo.classes``, blanks for underscores.
        order (str): See above. Defaults to ``'probs_over_templates'``.
        scale (float): 100 in CLIP; a temperature divides it.
        text_loss (dict, optional): Config of a :class:`TextLoss`, in place
            of the cross-entropy of the logits.
        kwargs: Other arguments of :class:`UDAClsHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        templates: Templates = 'unite',
        names: Optional[Sequence[str]] = None,
        order: str = 'probs_over_templates',
        scale: float = 100.0,
        text_loss: Optional[dict] = None,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        check_choice('cls_head.order', order, ORDERS)
        if names is not None and len(names) != num_classes:
            raise Faults(
                f'model.cls_head.names has {len(names)} names for '
                f'{num_classes} classes. Name every class, in the order of '
                'the labels.'
            )
        self.order, self.scale = order, scale
        shape = len(templates_of(templates)), num_classes, in_channels
        empty = torch.full(shape, math.nan)  # until the file is read
        self.texts = nn.Parameter(empty, requires_grad=False)
        width = dict(in_channels=in_channels)
        self.text_loss: Optional[nn.Module] = None
        if text_loss is not None:
            self.text_loss = MODELS.build({**width, **text_loss})

    def init_weights(self) -> None:
        """Read the embeddings.

        Raises:
            Faults: If no file is named.
        """
        if self.init_cfg is None:
            raise Faults(
                'model.cls_head.init_cfg names no texts of the classes: '
                "give dict(type='StoredInit', checkpoint=FILE), the file "
                'made by tools/embed_texts.py'
            )
        super().init_weights()

    @property
    def embeddings(self) -> Tensor:
        """Of norm 1, ``[M, K, d]``, float32 at least."""
        return F.normalize(at_least_float32(self.texts), dim=-1)

    def cosines(self, x: Tensor) -> Tensor:
        """Of features ``[..., d]`` and all texts, ``[..., M, K]``."""
        x = F.normalize(at_least_float32(x), dim=-1)
        with full_precision():
            return torch.einsum('...d,mkd->...mk', x, self.embeddings)

    def forward(self, x: Tensor, **kwargs) -> Tensor:
        """Map features ``[..., V, d]`` to logits ``[..., 1, K]``."""
        if self.order == 'mean_text':
            frames = F.normalize(at_least_float32(x), dim=-1)
            video = F.normalize(frames.mean(-2), dim=-1)
            texts = F.normalize(self.embeddings.mean(0), dim=-1)
            with full_precision():
                return (self.scale * video @ texts.T).unsqueeze(-2)
        scores = self.scale * self.cosines(x)  # [..., V, M, K]
        if self.order == 'logits':
            return scores.mean((-3, -2)).unsqueeze(-2)
        first = -2 if self.order == 'probs_over_frames' else -3
        log_p = scores.mean(first).log_softmax(-1)  # [..., V or M, K]
        mean = log_p.logsumexp(-2) - math.log(log_p.shape[-2])
        return mean.unsqueeze(-2)

    def loss(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, Tensor]:
        """``text_loss``, or the cross-entropy, a :data:`Term`."""
        if self.text_loss is None:
            return super().loss(outputs, data_samples)
        return self.text_loss(outputs, data_samples, self)
