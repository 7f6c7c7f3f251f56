"""What is done to parameters: drawn from a seed, kept from training."""

from contextlib import contextmanager
from typing import Optional, Sequence

import torch
import torch.nn as nn
from mmengine.registry import WEIGHT_INITIALIZERS


@contextmanager
def init_seed(seed: int):
    """Draw the weights of the modules built inside from their own seed.

    The global random stream goes on as if nothing had been drawn.

    Args:
        seed (int): Of PyTorch's generator on the CPU.
    """
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed, which would reseed the GPUs as well.
        torch.default_generator.manual_seed(seed)
        yield


@WEIGHT_INITIALIZERS.register_module()
class DefaultInit:
    """``init_cfg`` of a module that starts as PyTorch draws its layers.

    For parts that draw other weights when they are built, as a
    :class:`Discriminator` does.
    """

    def __call__(self, module: nn.Module) -> None:
        """Draw all layers anew."""
        for layer in module.modules():
            reset = getattr(layer, 'reset_parameters', None)
            if reset is not None:
                reset()


def freeze(
    module: nn.Module, trainable: Optional[Sequence[str]] = ()
) -> nn.Module:
    """Never train ``module``; gradients still flow through it.

    Args:
        module (nn.Module): Any module.
        trainable (Sequence[str], optional): Parameters with one of these in
            their name are trained; None trains all. Defaults to ().

    Raises:
        ValueError: If a name fits no parameter.
    """
    if trainable is None:
        return module.requires_grad_(True)
    for part in trainable:
        if not any(part in name for name, _ in module.named_parameters()):
            raise ValueError(
                f'trainable={part!r} fits no parameter of '
                f'{type(module).__name__}, which has names such as '
                f'{[name for name, _ in module.named_parameters()][:5]}'
            )
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(any(part in name for part in trainable))
    return module
