"""Where a config lies, by its path, its name or what it is made of."""

import os.path as osp
import reprlib
from glob import glob
from typing import Any, List, Optional

from ..faults import Faults
from ..spelling import similar

_PACKAGE = osp.dirname(osp.dirname(osp.abspath(__file__)))
# An installation keeps them with the package, a clone beside it.
CONFIGS = next(
    folder
    for folder in (
        osp.join(_PACKAGE, '.mim', 'configs'),
        osp.join(osp.dirname(_PACKAGE), 'configs'),
    )
    if osp.isdir(osp.join(folder, '_base_'))
)
OWN = 'configs'  # of the working directory: layers of one's own
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 60
_REPR.maxlevel = 2


class ConfigError(Faults):
    """What is wrong with names of configs and settings."""


def layer(kind: str, name: str) -> Optional[str]:
    """Path of a layer that is there: a shipped one, or one's own."""
    for configs in (CONFIGS, osp.abspath(OWN)):
        path = osp.join(configs, '_base_', kind, f'{name}.py')
        if osp.isfile(path):
            return path
    return None


def layers(kind: str) -> List[str]:
    """Names of all layers of a kind."""
    files = [
        file
        for configs in (CONFIGS, OWN)
        for file in glob(osp.join(configs, '_base_', kind, '*.py'))
    ]
    return sorted({osp.basename(file)[:-3] for file in files})


def experiments() -> List[str]:
    """Names of the shipped experiments."""
    files = glob(osp.join(CONFIGS, '*.py'))
    return sorted(osp.basename(file)[:-3] for file in files)


def short(value: Any) -> str:
    """A value in one line."""
    return _REPR.repr(value)


def find_file(name: str) -> Optional[str]:
    """The file that a path or the name of an experiment stands for."""
    named = osp.join(CONFIGS, name.removesuffix('.py').replace('@', '_'))
    for path in (name, f'{named}.py'):
        if osp.isfile(path):
            return path
    return None


def no_config(name: str) -> ConfigError:
    """What is said of a config that is not there."""
    stem = osp.splitext(osp.basename(name))[0]
    return ConfigError(
        f'there is no config {name!r}.{similar(stem, experiments())} Give a '
        'file, the name of a shipped experiment, or METHOD@SETTING.'
    )


def pick(kind: str, name: str) -> str:
    """Path of a layer.

    Raises:
        ConfigError: If there is none; names similar ones.
    """
    path = layer(kind, name)
    if path is None:
        known = layers(kind)
        meant = similar(name, known) or f' There are {", ".join(known)}.'
        raise ConfigError(
            f'there is no {kind.rstrip("s")} {name!r} in '
            f'{osp.join(CONFIGS, "_base_", kind)}, nor in '
            f'{osp.join(OWN, "_base_", kind)}.{meant}'
        )
    return path
