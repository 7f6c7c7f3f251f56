from typing import Any

from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from torch import nn

from ..models.backbones.patches import blocks_of


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class LayerDecayConstructor(DefaultOptimWrapperConstructor):
    """Learning rates that fall from layer to layer of a tuned transformer.

    Of ``D`` blocks of ``model.backbone.net`` the ``i``-th, from 1, has
    ``decay^(D + 1 - i)`` times the learning rate, what comes before them
    (embeddings) ``decay^(D + 1)`` times, all the rest the whole.

    Args:
        args, kwargs: Of MMEngine's constructor; ``paramwise_cfg`` holds
            ``layer_decay``, by default 0.75, and its other options, of which
            ``flat_decay_mult`` is that of biases and norms.
    """

    paramwise_cfg: dict

    def __call__(self, model: nn.Module) -> OptimWrapper:
        """Build the optimizer of a model."""
        net: Any = getattr(model, 'module', model)
        net = net.backbone.net
        decay = self.paramwise_cfg.get('layer_decay', 0.75)
        flat = self.paramwise_cfg.get('flat_decay_mult', 1.0)
        keys = {
            f'backbone.net.{name}': dict(
                lr_mult=decay**depth,
                decay_mult=flat if parameter.ndim <= 1 else 1.0,
            )
            for (name, parameter), depth in zip(
                net.named_parameters(), depths(net)
            )
        }
        own = self.paramwise_cfg.get('custom_keys', {})
        self.paramwise_cfg = {**self.paramwise_cfg, 'custom_keys': keys | own}
        return super().__call__(model)


def depths(net: nn.Module) -> list:
    """How many layers lie above that of each parameter, in their order."""
    prefix, blocks = blocks_of(net)
    found, layer = [], len(blocks) + 1
    for name, _ in net.named_parameters():
        if name.startswith(f'{prefix}.'):
            layer = len(blocks) - int(name[len(prefix) + 1 :].split('.')[0])
        elif layer <= len(blocks):
            layer = 0
        found.append(layer)
    return found
