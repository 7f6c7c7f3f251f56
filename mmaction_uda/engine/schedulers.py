from typing import List

from mmaction.registry import PARAM_SCHEDULERS
from mmengine.optim import CosineAnnealingLR, ExponentialLR


@PARAM_SCHEDULERS.register_module()
class ShiftedCosineLR(CosineAnnealingLR):
    r"""Cosine stepped once before the first update (TransferAttn release).

    Epoch ``e`` of ``T_max`` runs with
    :math:`\eta_0 (1 + \cos(\pi (e + 1) / T_{max})) / 2`, so the last one
    with a learning rate of exactly 0.

    Args:
        args, kwargs: See MMEngine's :class:`CosineAnnealingLR`.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.step()


@PARAM_SCHEDULERS.register_module()
class InverseDecayLR(ExponentialLR):
    r"""Learning rate of DANN and TA3N, :math:`\eta_0 (1 + \gamma p)^{-a}`.

    ``p`` is the share of the steps ``begin ... end`` that are done. A
    function of the step alone. By default ``end`` is the training's (the
    runner fills it in).

    Source: Ganin et al., https://arxiv.org/abs/1505.07818, Section 5.2.2.

    Args:
        args, kwargs: See MMEngine's :class:`ExponentialLR`.
        gamma (float): Defaults to 10.
        power (float): ``a``. Defaults to 0.75.
        first (int): The number that the first epoch (step) has: the authors
            of TA3N and TranSVAE count from 1. Defaults to 0.
    """

    def __init__(
        self,
        *args,
        gamma: float = 10.0,
        power: float = 0.75,
        first: int = 0,
        **kwargs,
    ) -> None:
        self.power = power
        self.first = first
        super().__init__(*args, gamma=gamma, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls, *args, epoch_length: int, first: int = 0, **kwargs
    ) -> 'InverseDecayLR':
        """Count steps in place of epochs (called by MMEngine)."""
        return super().build_iter_from_epoch(
            *args,
            first=first * epoch_length,
            epoch_length=epoch_length,
            **kwargs,
        )

    def _get_value(self) -> List[float]:
        span = self.end - self.begin
        progress = self.last_step / span + self.first / span
        decay = (1 + self.gamma * progress) ** -self.power
        return [value * decay for value in self.base_values]
