"""Where a config lies, by its path, its name or what it is made of."""

import os.path as osp
import reprlib
from difflib import get_close_matches
from glob import glob
from typing import Any, List, Optional, Sequence

from ..faults import Faults

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


def similar(name: str, names: Sequence[str]) -> str:
    """`` Similar names: …``, or nothing."""
    found = get_close_matches(name, [*dict.fromkeys(names)], 4, 0.5)
    return f' Similar names: {", ".join(found)}.' if found else ''


def advice(name: str, known: Sequence[str], otherwise: str) -> str:
    """Which of the known names was perhaps meant, or something else."""
    found = get_close_matches(name, known, 1, 0.6)
    return f'Did you mean {found[0]}?' if found else otherwise


def is_misspelt(name: str, known: Sequence[str]) -> bool:
    """Whether a name is almost that of another, apart from numbers."""
    bare = name.rstrip('0123456789')
    alike = get_close_matches(name, known, 3, 0.85)
    return any(other.rstrip('0123456789') != bare for other in alike)


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
