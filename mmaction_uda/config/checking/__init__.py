"""All that is wrong with configs, before anything is built or read."""

from typing import List, Mapping, Optional

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ...faults import Faults
from ...zoo import address_faults
from .agreement import agreement_faults
from .custom_keys import custom_key_faults
from .listed import list_faults
from .rehearsal import rehearse
from .settings import setting_faults
from .tuned import net_faults

__all__ = ['check_configs', 'check_settings']


def check_configs(
    configs: Mapping[str, Config],
    options: Optional[Mapping[str, Mapping]] = None,
) -> None:
    """Check a config and the stages before it.

    Args:
        configs (dict): Configs by their paths: ``stages.NAME``, and ``''``.
        options (dict, optional): What was changed in each, see
            :func:`check_settings`.

    Raises:
        Faults: Those of all.
    """
    faults = []
    for place, cfg in configs.items():
        found = check_settings(cfg, (options or {}).get(place))
        faults += [f'{place}: {fault}' if place else fault for fault in found]
    if faults:
        raise Faults(*faults)


def check_settings(
    cfg: Config, options: Optional[Mapping] = None
) -> List[str]:
    """Find settings that nothing reads, and values that cannot be right.

    Args:
        cfg (Config): A config as our tools read it.
        options (dict, optional): Settings of it that were changed, ``{dotted
            path: value}``.

    Returns:
        list[str]: A line each: dotted path, value, what is wrong, remedy.
    """
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    faults = setting_faults(cfg._cfg_dict)
    faults += address_faults(cfg._cfg_dict.get('model'))
    contradictions, net = agreement_faults(cfg._cfg_dict), None
    if not any(f.startswith('model') for f in faults) and not contradictions:
        net, contradictions = rehearse(cfg)
        contradictions += net_faults(cfg._cfg_dict)
    keys = custom_key_faults(cfg, net, options or {})
    faults = list(dict.fromkeys([*faults, *contradictions, *keys]))
    return faults + list_faults(cfg._cfg_dict) if faults else []
