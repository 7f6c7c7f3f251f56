"""Backbones built from configs, as MMAction2 builds them."""

import copy
import difflib
import inspect
from typing import Optional

import torch.nn as nn
from mmaction.registry import MODELS
from mmengine.model import revert_sync_batchnorm

from ..utils import freeze
from .weights import Files

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
    found = find_class(cfg['type'])
    parameters = inspect.signature(found).parameters
    defaults = {
        name: p.default
        for name, p in parameters.items()
        if p.default is not p.empty
    }
    # Backbones inside of it have defaults, too.
    streams = {
        name: with_defaults(cfg[name])
        for name in getattr(found, 'streams', ())
    }
    return {**defaults, **cfg, **streams}


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


def check_origin(
    backbone: Optional[dict],
    checkpoint: Optional[Files],
    seed: Optional[int],
    features: Optional[str],
    cached: bool,
) -> None:
    """Refuse tokens of no origin, or of two.

    Args: Those of :class:`FrozenBackbone`.

    Raises:
        ValueError: Says what to give.
    """
    if features is not None:
        if backbone or checkpoint or seed is not None or not cached:
            raise ValueError(
                f'the features {features!r} were made elsewhere: they '
                'need cached=True, no backbone, checkpoint or seed, and '
                'cannot be made from videos'
            )
    elif backbone is None or (checkpoint is None) == (seed is None):
        raise ValueError(
            'FrozenBackbone needs a backbone and weights: give '
            'model.backbone.checkpoint (a file), or model.backbone.seed '
            f'for random weights; got checkpoint={checkpoint!r}, '
            f'seed={seed!r}'
        )
    elif seed is not None and backbone.get('pretrained'):
        raise ValueError(
            f'pretrained={backbone["pretrained"]!r} of the backbone is '
            'not read: give the weights as model.backbone.checkpoint '
            'instead of a seed'
        )
