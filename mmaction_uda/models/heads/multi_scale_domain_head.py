from typing import Annotated, Dict, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule

from ...choices import check_choice
from ..layers import DiscriminatorBank, GradientReversalLayer, TemporalDilation
from ..losses import at_least_float32, binary_entropy, domain_adversarial_loss
from ..utils import Samples, freeze, split_domains, target_mask

# Logits of the discriminators, and of the units of the scales.
Answers = Tuple[torch.Tensor, Optional[torch.Tensor]]


@MODELS.register_module()
class MultiScaleDomainHead(BaseModule):
    r"""MA2LT-D's domain discriminators of all steps at all temporal scales.

    Behind one gradient reversal, :class:`TemporalDilation` makes ``G``
    scales of the frames; every step of every scale has a discriminator of
    its own. With :math:`\ell` their binary cross-entropy (source 0, target
    1), for the rows :math:`i` of a domain

    .. math::
        A = mean_i \sum_g w_{ig}\, mean_t\, \ell_{igt}, \quad
        L = (A_s + A_t) / 2, \quad w_{ig} = H_{ig} / \sum_{g'} H_{ig'}

    where :math:`H_{ig}` is the entropy of the answer that a linear unit
    gives to the mean step of scale :math:`g`. Weights are constants for the
    gradient. Source: MA2LT-D, its released code.

    Readings: nothing trains the units of the authors' code, they stay at
    random values and all weights are about ``1 / G`` (``'released'``). A
    unit that is to find the scales where the domains are still alike has to
    learn to tell them apart (``'published'``, our reading): ``loss_attention``
    is its domain loss, on detached features, so that the attention is all
    that changes. The frame attention of the paper, which the authors' code
    never calls, is left out.

    Args:
        in_channels (int): Width ``d`` of a frame.
        num_frames (int): Frames ``T`` of a view. Defaults to 53.
        dilations (Sequence[int]): Those of :class:`TemporalDilation`.
            Defaults to (1, 3, 7, 15).
        hidden_channels, dropout: Those of :class:`DiscriminatorBank`.
            Defaults to 1024, 0.2.
        scale_attention (str, optional): ``'released'``, ``'published'`` or
            None for the weights ``1 / G``. Defaults to ``'released'``.
        grl (dict): Arguments of :class:`GradientReversalLayer`.
        loss_weight (float): Of ``L``. Defaults to 1.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        num_frames: int = 53,
        dilations: Sequence[int] = (1, 3, 7, 15),
        hidden_channels: int = 1024,
        dropout: float = 0.2,
        scale_attention: Optional[str] = 'released',
        grl: Annotated[dict, GradientReversalLayer] = dict(),
        loss_weight: float = 1.0,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        check_choice(
            'scale_attention', scale_attention, ('released', 'published', None)
        )
        self.scale_attention = scale_attention
        self.loss_weight = loss_weight
        self.grl = GradientReversalLayer(**grl)
        self.dilation = TemporalDilation(in_channels, num_frames, dilations)
        self.discriminators = DiscriminatorBank(
            sum(self.dilation.lengths), in_channels, hidden_channels, dropout
        )
        if scale_attention is not None:
            self.scale_units = DiscriminatorBank(
                len(dilations), in_channels, num_layers=0
            )
        if scale_attention == 'released':
            freeze(self.scale_units)

    def forward(self, x: torch.Tensor) -> Answers:
        """Rate the frames of every view.

        Args:
            x (torch.Tensor): ``[B, V, T, d]``.

        Returns:
            tuple: Float32 logits, target positive: of the discriminators
            ``[B, V, P]``, scale after scale, and of the scale units
            ``[B, V, G]``, None without attention.
        """
        scales = self.dilation(self.grl(x).flatten(0, 1))
        logits = self.discriminators(torch.cat(scales, 1))
        logits = at_least_float32(logits).unflatten(0, x.shape[:2])
        if self.scale_attention is None:
            return logits, None
        means = torch.stack([scale.mean(1) for scale in scales], 1)
        units = at_least_float32(self.scale_units(means.detach()))
        return logits, units.unflatten(0, x.shape[:2])

    def loss_by_feat(
        self, answers: Answers, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Domain loss of the answers for the frames of both domains.

        Args:
            answers (tuple): As :meth:`forward` gives them, source first.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: ``loss_domain``, with trained units ``loss_attention``;
            ``domain_acc`` (share of answers that are right, in [0, 1]) and
            ``grl_coeff``.
        """
        logits, units = answers
        is_target = target_mask(data_samples, logits.device)[:, None, None]
        wrong = torch.where(is_target, -logits, logits)  # positive: mistaken
        source, target = split_domains(
            self.weigh(F.softplus(wrong), units), data_samples
        )
        losses = dict(
            loss_domain=self.loss_weight * (source.mean() + target.mean()) / 2,
            domain_acc=(wrong < 0).float().mean(),
            grl_coeff=self.grl.coeff.clone(),
        )
        if self.scale_attention == 'published':
            parts = split_domains(units, data_samples)
            losses['loss_attention'] = domain_adversarial_loss(*parts) / 2
        return losses

    def weigh(
        self, errors: torch.Tensor, units: Optional[torch.Tensor]
    ) -> torch.Tensor:
        """Average errors ``[B, V, P]`` over steps and scales, ``[B, V]``."""
        scales = errors.split(self.dilation.lengths, -1)
        errors = torch.stack([scale.mean(-1) for scale in scales], -1)
        if units is None:
            return errors.mean(-1)
        weights = F.normalize(binary_entropy(units.detach()), p=1, dim=-1)
        return (weights * errors).sum(-1)
