"""A model built from its config, and run once, without any memory or time.

On PyTorch's meta device tensors have shapes and nothing else: whatever does
not fit together in a model is found before its data are made.
"""

from typing import Iterator, List, Mapping, Optional

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from torch import nn

from ...models import UDARecognizer
from ...models.utils import SampleTensors
from ..names import advice, layer, layers
from .agreement import view_shape
from .reading import dict_at
from .registries import find

BATCH = 4  # of each domain
# What foreign code may raise of values that do not fit.
ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def rehearsal_faults(
    cfg: Config, options: Optional[Mapping] = None
) -> List[str]:
    """What is wrong with a model, found by one step of it.

    The backbone is left out: the step begins with tokens. Models other than
    a :class:`UDARecognizer`, and steps that need the values of tensors, are
    not looked at.

    Args:
        cfg (Config): A config without faults of its single settings.
        options (dict, optional): Settings that were changed, ``{dotted
            path: value}``.
    """
    kind = find(MODELS, dict_at(cfg._cfg_dict, 'model').get('type'))
    if not isinstance(kind, type) or not issubclass(kind, UDARecognizer):
        return []
    model = dict(cfg.model, backbone=dict(type='FrozenBackbone'))
    model['backbone'].update(features='rehearsal', cached=True)
    try:
        with torch.device('meta'), torch.random.fork_rng(devices=[]):
            net = MODELS.build(Config(dict(model=model)).model)
            _step(net, cfg)
    except ERRORS as error:
        text = ' '.join(str(error).split())
        if isinstance(error, NotImplementedError) or ' meta' in text:
            return []  # it asks for values
        return [f'model cannot be run: {type(error).__name__}: {text}']
    return list(_custom_keys(cfg, net, options or {}))


def _step(net: UDARecognizer, cfg: Config) -> None:
    """Losses of a batch, if what it holds is known."""
    shape = view_shape(cfg)
    if shape is not None:
        labels = torch.zeros(2 * BATCH, dtype=torch.long)
        inputs = torch.empty(2 * BATCH, *shape)
        net.losses(inputs, SampleTensors(labels, BATCH))


def _custom_keys(
    cfg: Config, net: nn.Module, options: Mapping
) -> Iterator[str]:
    """Groups of parameters with options of their own.

    Shipped schedules name parts that only some methods have; whoever names
    one himself is told that it is not there.
    """
    place = 'optim_wrapper.paramwise_cfg.custom_keys'
    changed = Config({})
    changed.merge_from_dict(dict(options))
    own = _keys(changed)
    names = [name for name, _ in net.named_parameters()]
    trained = cfg.model.backbone.get('type') != 'FrozenBackbone'
    parts = sorted({n.partition('.')[0] for n in names})
    for key in _keys(cfg):
        if any(key in name for name in names):
            continue
        if trained and key.startswith('backbone'):
            continue
        if key in own or not _is_shipped(key):
            listed = f'Its parts are {", ".join(parts)}.'
            yield (
                f'{place}.{key} is in the name of no parameter of the '
                f'model. {advice(key, parts, listed)}'
            )


def _keys(cfg: Config) -> List[str]:
    path = 'optim_wrapper', 'paramwise_cfg', 'custom_keys'
    return list(dict_at(cfg._cfg_dict, *path))


def _is_shipped(key: str) -> bool:
    """Whether a schedule of the package names it."""
    for name in layers('schedules'):
        with open(str(layer('schedules', name)), encoding='utf-8') as text:
            if f"'{key}':" in (found := text.read()) or f'{key}=' in found:
                return True
    return False
