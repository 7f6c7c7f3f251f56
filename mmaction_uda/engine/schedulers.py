from mmaction.registry import PARAM_SCHEDULERS
from mmengine.optim import CosineAnnealingLR


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
