"""Backbones built from configs, as MMAction2 builds them."""

import copy
import difflib
import inspect

import torch.nn as nn
from mmaction.registry import MODELS
from mmengine.model import revert_sync_batchnorm

from ..utils import freeze

FOREIGN = ('torchvision.', 'timm.')  # not in a registry


def find_class(name: str) -> type:
    """A backbone of MMAction2, mmpretrain or this package.

    Raises:
        ValueError: For an unknown name; lists similar ones.
    """
    if name.startswith('mmpretrain.'):
        import mmpretrain.models  # noqa: F401 fills the registry
    found = MODELS.get(name)
    if found is None:
        similar = difflib.get_close_matches(name, MODELS.module_dict)
        raise ValueError(
            f'unknown backbone {name!r}; similar names: '
            f'{", ".join(similar) or "none"}. Correct '
            'model.backbone.backbone.type, or add the package '
            'that registers it to custom_imports.'
        )
    return found


def with_defaults(cfg: dict) -> dict:
    """A config and the defaults it leaves out: what really is built."""
    if cfg['type'].startswith(FOREIGN):
        return dict(cfg)
    parameters = inspect.signature(find_class(cfg['type'])).parameters
    defaults = {
        name: p.default
        for name, p in parameters.items()
        if p.default is not p.empty
    }
    return {**defaults, **cfg}


def build_net(cfg: dict) -> nn.Module:
    """Build a backbone in eval mode, without gradients.

    Args:
        cfg (dict): Config of a backbone of MMAction2 or this package, or of
            ``mmpretrain.``, ``torchvision.`` or ``timm.``.
    """
    # The host's recognizer knows every package that backbones come from.
    recognizer = dict(type='Recognizer2D', backbone=copy.deepcopy(cfg))
    net = MODELS.build(recognizer).backbone
    # Frozen batch norms use stored statistics: nothing to synchronise.
    net = revert_sync_batchnorm(net)
    net.eval()  # not chained: several backbones' eval() returns None
    return freeze(net)
