"""What is asked of a net that is tuned, and whether it can do that."""

from typing import Any, Callable, Dict, List, Mapping, Optional

import torch
from mmaction.registry import MODELS
from torch import nn

from ...models.backbones import TunedBackbone
from ...models.backbones.building import build_net
from ...models.backbones.patches import blocks_of, check_known
from .reading import dict_at
from .registries import find
from .rehearsal import ERRORS

DECAY = 'LayerDecayConstructor'


def net_faults(cfg: Mapping) -> List[str]:
    """Find what the net of a config cannot do, before any stage of it runs.

    Args:
        cfg (dict): A config without faults of its single settings.
    """
    wrapper = dict_at(cfg, 'model', 'backbone')
    asked: Dict[str, Callable[[nn.Module], Any]] = {}
    for place, value in (
        ('model.mask', dict_at(cfg, 'model').get('mask')),
        ('model.backbone.select', wrapper.get('select')),
    ):
        if value is not None:
            asked[place] = check_known
    if dict_at(cfg, 'optim_wrapper').get('constructor') == DECAY:
        asked[f"optim_wrapper.constructor='{DECAY}'"] = blocks_of
    if not asked:
        return []
    kind = find(MODELS, wrapper.get('type'))
    if not (isinstance(kind, type) and issubclass(kind, TunedBackbone)):
        return [
            f'{place} needs a net that is tuned: set '
            "model.backbone.type='TunedBackbone', or leave it out."
            for place in asked
        ]
    net = _net_of(dict_at(wrapper, 'backbone'))
    faults = []
    for place, check in asked.items():
        try:
            if net is not None:
                check(net)
        except ValueError as error:
            faults.append(f'{place}: {error} Set another backbone.')
    return faults


def _net_of(cfg: Mapping) -> Optional[nn.Module]:
    """Without memory; None of one that a file describes."""
    if cfg.get('model') is not None:
        return None
    try:
        with torch.device('meta'), torch.random.fork_rng(devices=[]):
            return build_net(dict(cfg))
    except ERRORS:  # what it is, is told where it is built in earnest
        return None
