"""What trackers of experiments get: grouped names, one axis."""

from typing import Dict, Optional

from mmaction.registry import VISUALIZERS
from mmaction.visualization import ActionVisualizer
from mmengine.dist import master_only
from mmengine.logging import MessageHub
from mmengine.visualization import LocalVisBackend

from ..evaluation import PREFIX

AXIS = 'iteration'
_COUNTS = ('epoch', 'iter', 'step')
_SOURCE = f'{PREFIX}/source_acc'


@VISUALIZERS.register_module()
class TrackingVisualizer(ActionVisualizer):
    """MMAction2's visualizer, which gives trackers scalars by group.

    ``vis_data/scalars.json`` stays as MMEngine writes it, with validations
    by epoch: tables and figures read it. Every other backend (TensorBoard,
    Weights & Biases, MLflow …) gets the names of :func:`grouped`, and all of
    them by the iteration that was trained.

    Args:
        args, kwargs: See :class:`ActionVisualizer`.
    """

    @master_only
    def add_scalars(
        self,
        scalar_dict: dict,
        step: int = 0,
        file_path: Optional[str] = None,
        **kwargs,
    ) -> None:
        """Record scalars of a step, or of a validation."""
        trained = step if 'iter' in scalar_dict else _iteration()
        for backend in self._vis_backends.values():
            if isinstance(backend, LocalVisBackend):
                backend.add_scalars(scalar_dict, step, file_path, **kwargs)
            else:
                found = grouped(scalar_dict, trained)
                backend.add_scalars(found, trained, **kwargs)


def grouped(scalars: Dict[str, float], iteration: int) -> Dict[str, float]:
    """Scalars of a step or of a validation by the names that trackers get.

    Args:
        scalars (dict): As MMEngine logs them; those of a step have ``iter``.
        iteration (int): How many iterations were trained.

    Returns:
        dict: ``train/loss``, ``train/lr`` …; ``val/target/top1``,
        ``val/target/mean1`` …, ``val/source/top1``, ``label_free/infomax``
        …; of both ``iteration``, for trackers that count by themselves.
    """
    name = _of_step if 'iter' in scalars else _of_validation
    found = {
        name(key): value
        for key, value in scalars.items()
        if key not in _COUNTS
    }
    if 'epoch' in scalars:
        found['train/epoch'] = scalars['epoch']
    return {**found, AXIS: iteration}


def _of_step(name: str) -> str:
    return f'train/{name}'


def _of_validation(name: str) -> str:
    if name == _SOURCE:
        return 'val/source/top1'
    if name.startswith(f'{PREFIX}/'):
        return name
    return f'val/target/{name[4:]}' if name[:4] == 'acc/' else f'val/{name}'


def _iteration() -> int:
    """Iterations that were trained; 0 before the first."""
    hub = MessageHub.get_current_instance()
    return hub.get_info('iter', 0)  # see DeferredInfoHook
