"""Configs as our tools read them: whole, and without what helped to build."""

import os
import os.path as osp
import re
from typing import Dict, List, Optional

from mmengine.config import Config

from ..spelling import advice
from . import fragments, keys
from .combining import combined
from .names import ConfigError, find_file, no_config
from .options import apply_options
from .texts import complete_texts

TASK = '_TASK'
_VARIABLE = re.compile(r"\{\{\s*'?\$(\w+):")


def load_config(name: str, options: Optional[dict] = None) -> Config:
    """Read a config by its file, its name, or what it is put together from.

    Args:
        name (str): A file; a shipped experiment, ``transferattn_demo``; or a
            combination of layers, ``METHOD@SETTING`` or
            ``METHOD@SETTING@SCHEDULE``.
        options (dict, optional): Settings to change, ``{dotted path:
            value}``.

    Returns:
        Config: Without fragments (:mod:`.fragments`); every name at its top
        is read by something.

    Raises:
        ConfigError: Names all that is wrong with names of files and
            settings.
    """
    file = find_file(name)
    if file is not None:
        cfg = _read(file)
        helpers, vain = fragments.helpers(file, keys.TOP_LEVEL)
        faults = [
            keys.unknown(key, cfg._cfg_dict, f'{path}: ')
            for path, key in vain
            if key in cfg
        ]
        setting = fragments.layer_of(file, 'settings')
        task = fragments.layer_of(file, 'tasks')
    elif '@' in name:
        with combined(name) as file:
            cfg = _read(file)
            task = fragments.layer_of(file, 'tasks')
        cfg = Config(cfg._cfg_dict, cfg.text, osp.basename(file))
        helpers, faults, setting = set(), [], name.split('@')[1]
    else:
        raise no_config(name)
    if 'type' not in (cfg.get('model') or {}):
        raise ConfigError(
            f'{name!r} is a layer, not an experiment: it names no model. '
            'Give an experiment, or METHOD@SETTING.'
        )
    fragments.strip(cfg, helpers)
    faults += apply_options(cfg, options or {})
    faults += _complete_stages(cfg, setting, task)
    if faults:
        # What else is wrong is told as well; its imports are slow.
        from .checking import check_settings

        raise ConfigError(*faults, *check_settings(cfg, options))
    complete_texts(cfg)
    _fold_backends(cfg)
    return cfg


def _read(file: str) -> Config:
    try:
        return Config.fromfile(file)
    except ConfigError:
        raise
    except Exception as error:  # whatever a file of Python raises
        set_there = _environment(file)
        note = f' It reads the environment: {set_there}.' if set_there else ''
        raise ConfigError(
            f'{file!r} cannot be read: {type(error).__name__}: {error}.{note}'
        ) from error


def _environment(file: str) -> Dict[str, str]:
    """Variables that are set, of those that a config reads."""
    names: List[str] = []
    try:
        for path in fragments.inherited(file):
            with open(path, encoding='utf-8') as text:
                names += _VARIABLE.findall(text.read())
    except (OSError, SyntaxError, ValueError):
        pass  # what Config.fromfile stumbles over itself
    return {name: os.environ[name] for name in names if name in os.environ}


def _complete_stages(cfg: Config, setting: str, task: str) -> List[str]:
    """A stage that names a method alone is on the setting of the config.

    ``METHOD@BACKBONE_TASK``, so written, is on its task.

    Returns:
        list[str]: Faults: a stage that is changed has to be one.
    """
    stages, faults = cfg.get('stages') or {}, []
    named = [name for name in stages if 'config' in stages[name]]
    for name, stage in stages.items():
        if name not in named:
            listed = f'Stages are: {", ".join(named) or "none"}.'
            faults.append(
                f'stages.{name} names no config, so it is no stage. '
                f'{advice(name, named, listed)}'
            )
            continue
        if '@' in stage.config and stage.config.endswith(TASK):
            stage.config = stage.config.removesuffix(TASK) + f'_{task}'
        own = osp.join(osp.dirname(cfg.filename), stage.config)
        there = osp.isfile(own) or find_file(stage.config)
        if '@' not in stage.config and not there:
            stage.config = f'{stage.config}@{setting}'
    return faults


def _fold_backends(cfg: Config) -> None:
    """``vis_backends``, beside the local one that our tables read.

    MMAction2's configs name them at the top, where a child that changes them
    changes nothing.
    """
    named = cfg._cfg_dict.pop('vis_backends', None)
    if cfg.get('visualizer') is None:
        cfg.visualizer = dict(type='Visualizer')
    if named is None:
        named = cfg.visualizer.get('vis_backends') or []
    if isinstance(named, (str, dict)):
        named = [named]
    backends = [dict(type=b) if isinstance(b, str) else b for b in named]
    if not any(b['type'] == 'LocalVisBackend' for b in backends):
        backends.insert(0, dict(type='LocalVisBackend'))
    cfg.visualizer.vis_backends = backends
