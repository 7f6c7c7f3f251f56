"""Settings that pages name: whether any config reads them."""

import copy
import re
from functools import cache
from typing import Dict, Iterator, List, Mapping, Tuple

from mmengine.config import Config

from mmaction_uda.config import load_config
from mmaction_uda.config.checking.settings import setting_faults
from mmaction_uda.config.keys import TOP_LEVEL, paths
from mmaction_uda.config.loading import _fold_backends
from mmaction_uda.config.options import apply_options, flat

# Such a path, in the words of --cfg-options.
SETTING = re.compile(
    rf'(?<![\w./])(?:{"|".join(sorted(TOP_LEVEL))})(?:\.\w+)+'
)
ENDINGS = ('.py', '.pth', '.json', '.txt', '.onnx')
UNREAD = re.compile('read by nothing|not an argument|cannot be set|names no')
# Together they have every part that a page names; those in most use first.
REFERENCES = (
    'transferattn_demo',
    'transferattn_i3d_ucf2hmdb',
    'cleanadapt_demo',
    'ta3n_demo',
    'transvae_demo',
    'mmd_demo',
    'transferattn_multimodal_demo',
    'transferattn_r50i3d_ucf2hmdb_end2end',
)


@cache
def _config(name: str) -> Tuple[Config, frozenset]:
    cfg = load_config(name)
    return cfg, frozenset(paths(cfg._cfg_dict))


def references() -> Iterator[Tuple[Config, frozenset]]:
    """Configs and what they set."""
    return map(_config, REFERENCES)


def is_read(setting: str) -> bool:
    """Whether something reads a setting, in a config of any method."""
    stage, inner = re.fullmatch(r'(stages\.\w+\.)?(.*)', setting).groups()
    if stage and inner not in ('config', 'work_dir'):
        setting = inner
    changes = {setting: None}
    if setting.startswith('optim_wrapper.'):
        changes['optim_wrapper.type'] = 'AmpOptimWrapper'  # as with --amp
    return any(
        setting in known or not any(map(UNREAD.search, faults(changes, cfg)))
        for cfg, known in references()
    )


def faults(changes: Mapping, cfg: Config) -> List[str]:
    """What is wrong with settings that are laid over a config.

    Args:
        changes (dict): ``{dotted path: value}``.
        cfg (Config): Stays as it is.
    """
    changed = Config(copy.deepcopy(cfg._cfg_dict.to_dict()))
    wrong = apply_options(changed, changes)
    for fault in setting_faults(changed._cfg_dict):
        path = re.match(r'[\w.]+', fault)
        if any(f'{path and path[0]}.'.startswith(f'{k}.') for k in changes):
            wrong.append(fault)
    return wrong


def fragment_faults(found: Dict) -> List[str]:
    """What is wrong with a part of a config; nothing if one method reads it.

    Args:
        found (dict): Names of a config, and ``backbone`` for that of a model.
    """
    if 'backbone' in found:
        found = dict(found, model=dict(backbone=found['backbone']))
        del found['backbone']
    if 'vis_backends' in found:  # names, as well
        _fold_backends(cfg := Config(found))
        found = cfg._cfg_dict.to_dict()
    unknown = [f'{n} is no setting' for n in {*found} - TOP_LEVEL]
    best: List[str] = []
    for cfg, _ in references():
        wrong = faults(flat(found), cfg)
        if not wrong:
            return unknown
        best = min(best or wrong, wrong, key=len)
    return unknown + best
