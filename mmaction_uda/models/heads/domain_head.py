from typing import Annotated, Dict, Optional, Sequence

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule

from ..layers import Discriminator, GradientReversalLayer
from ..losses import at_least_float32, domain_adversarial_loss
from ..utils import Outputs, Samples, split_domains


@MODELS.register_module()
class DomainHead(BaseModule):
    """Domain discriminator behind a gradient reversal (DANN).

    The discriminator descends the domain loss, the encoder below ascends
    it. Source: https://arxiv.org/abs/1505.07818; TransferAttn, Eq. 3.

    The loss is :math:`w_s L_s + w_t L_t` of the domains' mean losses, with
    weights scaled to a sum of 2. For equal numbers of rows this is twice the
    weighted mean over rows (``weight`` of torch's cross-entropy).

    Args:
        in_channels (int): Width ``d`` of a feature.
        hidden_channels, dropout, num_layers, num_logits: Those of
            :class:`Discriminator`. Defaults to 1024, 0.2, 2, 1.
        grl (dict): Arguments of :class:`GradientReversalLayer`.
        loss_weight (float): Defaults to 1.
        domain_weights (Sequence[float]): Of source and target; their ratio
            matters. Defaults to (1, 1).
        from_logits (bool): See :func:`binary_errors`; False as
            TransferAttn's release. Defaults to True.
        init_cfg (dict, optional): As in MMEngine. Defaults to None.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 1024,
        dropout: float = 0.2,
        num_layers: int = 2,
        num_logits: int = 1,
        grl: Annotated[dict, GradientReversalLayer] = dict(),
        loss_weight: float = 1.0,
        domain_weights: Sequence[float] = (1.0, 1.0),
        from_logits: bool = True,
        init_cfg: Optional[dict] = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.grl = GradientReversalLayer(**grl)
        self.discriminator = Discriminator(
            in_channels, hidden_channels, dropout, num_layers, num_logits
        )
        self.loss_weight = loss_weight
        self.from_logits = from_logits
        total = sum(domain_weights)
        self.domain_weights = [2 * w / total for w in domain_weights]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map ``[..., d]`` to float32 logits ``[...]``, target positive."""
        return at_least_float32(self.discriminator(self.grl(x)))

    def loss(
        self, outputs: Outputs, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Domain loss of the features of both domains, a :data:`Term`.

        Args:
            outputs (Outputs): ``domain_logits`` ``[B, V]`` are read.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: That of :meth:`loss_by_feat`.
        """
        assert outputs.domain_logits is not None  # they are this head's
        return self.loss_by_feat(outputs.domain_logits, data_samples)

    def loss_by_feat(
        self, logits: torch.Tensor, data_samples: Samples
    ) -> Dict[str, torch.Tensor]:
        """Domain loss of the answers for the rows of both domains.

        Args:
            logits (torch.Tensor): ``[B, ...]``, as :meth:`forward` gives
                them, source first.
            data_samples (Samples): ``B`` samples that carry ``domain``.

        Returns:
            dict: ``loss_domain``, ``domain_acc`` (share of rows assigned
            to their own domain, in [0, 1]) and ``grl_coeff``.
        """
        source, target = split_domains(logits, data_samples)
        loss = domain_adversarial_loss(
            source,
            target,
            weights=self.domain_weights,
            from_logits=self.from_logits,
        )
        hits = (source < 0).sum() + (target > 0).sum()
        return dict(
            loss_domain=self.loss_weight * loss,
            domain_acc=hits / (source.numel() + target.numel()),
            grl_coeff=self.grl.coeff.clone(),
        )
