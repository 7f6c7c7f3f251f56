from contextlib import contextmanager

import torch
import torch.nn as nn


@contextmanager
def init_seed(seed: int):
    """Draw the weights of the modules built inside from their own seed.

    The global random stream goes on as if nothing had been drawn.
    """
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed, which would reseed the GPUs as well.
        torch.default_generator.manual_seed(seed)
        yield


def freeze(module: nn.Module) -> nn.Module:
    """Never train ``module``; gradients still flow through it."""
    return module.requires_grad_(False)
