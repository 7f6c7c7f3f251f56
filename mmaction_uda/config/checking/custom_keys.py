"""Groups of parameters that have options of their own."""

from typing import Iterator, List, Mapping, Optional

from mmengine.config import Config
from torch import nn

from ...spelling import advice
from ..names import layer, layers
from .reading import dict_at

PATH = ('optim_wrapper', 'paramwise_cfg', 'custom_keys')


def custom_key_faults(
    cfg: Config, net: Optional[nn.Module], options: Mapping
) -> Iterator[str]:
    """Custom keys that are in the name of no parameter.

    Shipped schedules name parts that only some methods have; whoever names
    one himself is told that it is not there.

    Args:
        cfg (Config): A config as our tools read it.
        net (nn.Module, optional): Its model without the backbone, None if it
            is not known.
        options (dict): Settings that were changed, ``{dotted path: value}``.
    """
    changed = Config({})
    changed.merge_from_dict(dict(options))
    own = _keys(changed)
    model = dict_at(cfg._cfg_dict, 'model')
    names, parts = list(model), list(model)
    if net is not None:
        names = [name for name, _ in net.named_parameters()]
        parts = sorted({name.partition('.')[0] for name in names})
    trained = dict_at(model, 'backbone').get('type') != 'FrozenBackbone'
    for key in _keys(cfg):
        known = any(key in name for name in names)
        known |= trained and key.startswith('backbone')
        # What a model that is not known holds, a schedule may know.
        known |= (key not in own or net is None) and _is_shipped(key)
        if not known:
            listed = f'Its parts are {", ".join(parts)}.'
            yield (
                f'{".".join(PATH)}.{key} is in the name of no parameter of '
                f'the model. {advice(key, parts, listed)}'
            )


def _keys(cfg: Config) -> List[str]:
    return list(dict_at(cfg._cfg_dict, *PATH))


def _is_shipped(key: str) -> bool:
    """Whether a schedule of the package names it."""
    for name in layers('schedules'):
        with open(str(layer('schedules', name)), encoding='utf-8') as file:
            text = file.read()
        if f"'{key}':" in text or f'{key}=' in text:
            return True
    return False
