"""Paths in the directories of stages, as configs write them."""

import os.path as osp
from typing import Any, Dict, Iterable, Set

from mmengine.config import Config

from ..config import ConfigError
from ..spelling import advice

REFERENCE = 'stage://'
# Settings that may refer to what a stage has made.
READERS = ('model', 'train_dataloader', 'val_dataloader', 'test_dataloader')


def resolve(cfg: Config, folders: Dict[str, str]) -> Set[str]:
    """Replace all ``stage://NAME/…`` of a config by paths.

    Args:
        cfg (Config): Changed.
        folders (dict): Directories of the stages before it, by their names.

    Returns:
        set[str]: The stages that it refers to.

    Raises:
        ValueError: For another name.
    """
    used: Set[str] = set()
    for key in READERS:
        if cfg.get(key) is not None:
            cfg[key] = _resolved(cfg[key], folders, used)
    return used


def check_used(stages: Iterable[str], used: Set[str]) -> None:
    """Refuse a stage that is trained for nothing, which a typo makes.

    Raises:
        ConfigError: Names it.
    """
    faults = [
        f'stages.{name} is read by nothing: no setting begins with '
        f'{REFERENCE}{name}/. {advice(name, sorted(used), "Remove it.")}'
        for name in stages
        if name not in used
    ]
    if faults:
        raise ConfigError(*faults)


def _resolved(value: Any, folders: Dict[str, str], used: Set[str]) -> Any:
    """The same nested value, paths in place of references."""
    if isinstance(value, dict):
        items = {k: _resolved(v, folders, used) for k, v in value.items()}
        return type(value)(items)
    if isinstance(value, (list, tuple)):
        return type(value)(_resolved(v, folders, used) for v in value)
    if not isinstance(value, str) or not value.startswith(REFERENCE):
        return value
    name, _, path = value[len(REFERENCE) :].partition('/')
    if name not in folders:
        raise ValueError(
            f'{value!r} names a stage that is not before it: there are '
            f'{list(folders) or "none"}. Correct stages in the config.'
        )
    used.add(name)
    return osp.join(folders[name], path)
