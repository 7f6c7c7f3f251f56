"""Trainings that must come before that of a config, each from the one before.

A config lists them by name, in their order:
``stages=dict(phase1=dict(config='phase1.py'))``. ``config`` is a file beside
it, or a name as :func:`load_config` takes it; a method alone is meant on the
setting of the config. It is trained in ``WORK_DIR/phase1``; further entries
change its settings. Any
string in the model or a loader, of the config or a later stage, that begins
with ``stage://phase1/`` is a path in that directory.

A stage is an ordinary training. When one ends, its weights alone are written
to ``weights.safetensors``; a stage that has this file is finished.
"""

import hashlib
import json
import os.path as osp
from typing import Dict, List, Mapping, Optional, Set

import torch
from mmengine.config import Config
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from safetensors.torch import save

from ..checkpoints import read_notes
from ..config import ConfigError, load_config
from ..config.checking import check_configs
from ..config.options import apply_options, flat
from ..files import written_aside
from .alarms import AlarmHook
from .checking import Stored, check
from .prepare import prepare
from .ranks import Ranks
from .references import check_used, resolve
from .terminal import TerminalHook

WEIGHTS = 'weights.safetensors'
# What determines the weights at the end of a stage.
SETTINGS = (
    'model',
    'train_dataloader',
    'train_cfg',
    'optim_wrapper',
    'param_scheduler',
    'auto_scale_lr',
    'custom_hooks',
    'default_hooks',
    'randomness',
)
# Hooks that no weight depends on.
BOOKKEEPING = ('runtime_info', 'timer', 'logger', 'checkpoint', 'predictions')


def open_stages(cfg: Config) -> Dict[str, Config]:
    """Read the configs of earlier stages and resolve all ``stage://``.

    Args:
        cfg (Config): A config with a ``work_dir``. Changed: its references
            become paths.

    Returns:
        dict: Configs of the earlier stages by name, in their order, each
        with its ``work_dir`` and the ``launcher`` of ``cfg``.

    Raises:
        ConfigError: If the config of a stage is not there or cannot be
            changed, or nothing refers to the stage.
        ValueError: For a reference to a stage that is not listed.
    """
    stages: Dict[str, Config] = {}
    folders: Dict[str, str] = {}
    used: Set[str] = set()
    for name, changes in cfg.get('stages', {}).items():
        stage = load_config(stage_config(cfg, name))
        stage.work_dir = osp.join(cfg.work_dir, name)
        stage.launcher = cfg.launcher
        faults = apply_options(stage, _changes(changes))
        if faults:
            raise ConfigError(*(f'stages.{name}: {f}' for f in faults))
        used |= resolve(stage, folders)
        stages[name] = stage
        folders[name] = stage.work_dir
    check_used(folders, used | resolve(cfg, folders))
    return stages


def stage_config(cfg: Config, name: str) -> str:
    """The config of a stage, as :func:`load_config` takes it."""
    own = cfg.stages[name].config
    beside = osp.join(osp.dirname(cfg.filename), own)
    return beside if osp.isfile(beside) else osp.basename(own)


def _changes(stage: dict) -> dict:
    """Settings that a config changes in one of its stages."""
    return flat({k: v for k, v in stage.items() if k != 'config'})


def is_finished(stage: Config) -> bool:
    """Whether the weights of a stage are there.

    Raises:
        ValueError: If they come from other settings.
    """
    file = osp.join(stage.work_dir, WEIGHTS)
    if not osp.isfile(file):
        return False
    training = read_notes(file, ['settings'])
    if training['settings'] != _settings(stage):
        raise ValueError(
            f'{file!r} was trained with other settings than the config of '
            'this stage has now. Remove its directory to train it again, or '
            'choose another --work-dir.'
        )
    return True


def train(
    cfg: Config, stages: Dict[str, Config], options: Optional[Mapping] = None
) -> Runner:
    """Train what is missing of the stages, then the config.

    All their settings and data are checked before any training.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        stages (dict): What :func:`open_stages` made of it.
        options (dict, optional): What was changed in ``cfg``, ``{dotted
            path: value}``.

    Returns:
        Runner: That of ``cfg``.
    """
    ranks = Ranks()
    changed = {f'stages.{n}': _changes(cfg.stages[n]) for n in stages}
    configs = {f'stages.{n}': stage for n, stage in stages.items()}
    ranks.first(check_configs, {**configs, '': cfg}, {**changed, '': options})
    missing = [n for n in stages if not ranks.first(is_finished, stages[n])]
    *found, own = ranks.first(
        check, [*(stages[n] for n in missing), cfg], ('train', 'val')
    )
    stored = dict(zip(missing, found))
    finished: List[str] = []
    for name, stage in stages.items():
        if name in missing:
            _train(stage, stored[name], finished)
            ranks.all(lambda: None)  # the weights are written
        finished.append(f'{name}: {osp.join(stage.work_dir, WEIGHTS)}')
    return _train(cfg, own, finished)


def _train(cfg: Config, stored: Stored, finished: List[str]) -> Runner:
    """Train one config and write its weights."""
    prepare(cfg, stored=stored)
    settings = _settings(cfg)  # the runner changes the config
    runner = Runner.from_cfg(cfg)
    for hook in (TerminalHook(), AlarmHook()):
        runner.register_hook(hook)
    for stage in finished:
        runner.logger.info(f'finished stage {stage}')
    runner.train()
    model = runner.model
    model = model.module if is_model_wrapper(model) else model
    learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
    # One entry: the order of several would change the digest of the file.
    training = dict(
        settings=settings, learnt=learnt, threads=torch.get_num_threads()
    )
    if runner.rank == 0:
        state = {
            k: v.detach().cpu().contiguous()
            for k, v in model.state_dict().items()
        }
        with written_aside(osp.join(cfg.work_dir, WEIGHTS)) as file:
            file.write(save(state, dict(training=json.dumps(training))))
    return runner


def _settings(stage: Config) -> str:
    """SHA-256 of what determines the weights."""
    settings = {name: stage.get(name) for name in SETTINGS}
    hooks = settings['default_hooks'].items()
    settings['default_hooks'] = {
        k: v for k, v in hooks if k not in BOOKKEEPING
    }
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
