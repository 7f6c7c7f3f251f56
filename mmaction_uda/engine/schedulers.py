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
        shift (float): Added to ``p``. Defaults to 0.
    """

    def __init__(
        self,
        *args,
        gamma: float = 10.0,
        power: float = 0.75,
        shift: float = 0.0,
        **kwargs,
    ) -> None:
        self.power = power
        self.shift = shift
        super().__init__(*args, gamma=gamma, **kwargs)

    def _get_value(self) -> List[float]:
        progress = self.last_step / (self.end - self.begin) + self.shift
        decay = (1 + self.gamma * progress) ** -self.power
        return [value * decay for value in self.base_values]
