"""Experiments without a file: ``METHOD@SETTING`` or ``…@SCHEDULE``."""

import os.path as osp
import tempfile
from contextlib import contextmanager
from typing import Iterator

from mmengine.config import Config

from ..spelling import similar
from .names import ConfigError, layer, layers, pick

SETTING = """_base_ = [{task!r}, {backbone!r}]
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
"""
EXPERIMENT = """_base_ = [{setting!r}, {method!r}, {schedule!r}]
globals().update(_base_._method)
"""
FITTED = """_base_ = [{setting!r}, {method!r}, {schedule!r}]
from mmaction_uda.config import fit

_base_._method.model = fit(_base_._method.model, _base_._numbers)
globals().update(_base_._method)
"""


@contextmanager
def combined(name: str) -> Iterator[str]:
    """A file, for a while, of a combination of layers.

    A setting that has no file is a backbone and a task,
    ``videoswin_hmdb2ucf``. Without a schedule it is the method's own, named
    as it or as what it begins with, else that of the setting.

    Args:
        name (str): ``METHOD@SETTING`` or ``METHOD@SETTING@SCHEDULE``.

    Raises:
        ConfigError: For a layer that is not there, or another form.
    """
    method, *rest = name.removesuffix('.py').split('@')
    if len(rest) not in (1, 2):
        raise ConfigError(
            f'{name!r} is not METHOD@SETTING or METHOD@SETTING@SCHEDULE.'
        )
    method_file = pick('methods', method)
    with tempfile.TemporaryDirectory() as folder:
        setting = _setting(rest[0], folder)
        schedule = rest[1] if len(rest) == 2 else _schedule(method, setting)
        schedule_file = pick('schedules', schedule)
        fitted = '_numbers' in Config.fromfile(schedule_file)
        text = (FITTED if fitted else EXPERIMENT).format(
            setting=setting, method=method_file, schedule=schedule_file
        )
        file = osp.join(folder, f'{name.removesuffix(".py")}.py')
        with open(file, 'w') as out:
            out.write(text)
        yield file


def _setting(name: str, folder: str) -> str:
    """Path of a setting, written where it has no file."""
    path = layer('settings', name)
    if path is not None:
        return path
    for number, letter in enumerate(name):
        parts = (
            layer('backbones', name[:number]),
            layer('tasks', name[number + 1 :]),
        )
        if letter == '_' and all(parts):
            path = osp.join(folder, f'{name}.py')
            with open(path, 'w') as out:
                out.write(SETTING.format(backbone=parts[0], task=parts[1]))
            return path
    pairs = [f'{b}_{t}' for b in layers('backbones') for t in layers('tasks')]
    raise ConfigError(
        f'there is no setting {name!r}.'
        f'{similar(name, layers("settings") + pairs)} A setting is one of '
        f'{", ".join(layers("settings"))}, or BACKBONE_TASK.'
    )


def _schedule(method: str, setting: str) -> str:
    words = method.split('_')
    for end in range(len(words), 0, -1):
        own = '_'.join(words[:end])
        if layer('schedules', own):
            return own
    return Config.fromfile(setting)._schedule
