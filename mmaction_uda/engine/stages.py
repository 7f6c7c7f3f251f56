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

import json
import os.path as osp
from contextlib import ExitStack
from typing import Dict, List, Mapping, Optional, Set

import torch
from mmengine.config import Config
from mmengine.dist import get_rank
from mmengine.logging import MMLogger
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from safetensors.torch import save

from ..config import ConfigError, load_config
from ..config.checking import check_configs
from ..config.options import apply_options, flat
from ..faults import Faults, gathered
from ..files import written_aside
from ..zoo import fetch
from .alarms import AlarmHook
from .checking import Stored, check
from .hooks import IdentityHook
from .prepare import prepare
from .ranks import Ranks
from .references import check_used, resolve
from .starting import begin, claim, examine
from .terminal import TerminalHook
from .wishes import NO_WISH, Start, Wish
from .work_dir import WEIGHTS, WorkDir


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


def train(
    cfg: Config,
    stages: Dict[str, Config],
    options: Optional[Mapping] = None,
    wish: Wish = NO_WISH,
) -> Optional[Runner]:
    """Train what is missing of the stages, then the config.

    All their settings, data and directories are checked before any training.

    Args:
        cfg (Config): Config of a :class:`UDARecognizer`.
        stages (dict): What :func:`open_stages` made of it.
        options (dict, optional): What was changed in ``cfg``, ``{dotted
            path: value}``.
        wish (Wish): What to do with a training that is there.

    Returns:
        Runner, optional: That of ``cfg``; None if it was finished before.

    Raises:
        Faults: If anything is wrong, or a directory holds another training.
    """
    ranks = Ranks()
    changed = {f'stages.{n}': _changes(cfg.stages[n]) for n in stages}
    configs = {f'stages.{n}': stage for n, stage in stages.items()}
    configs[''] = cfg
    wishes = {
        name: Wish.of_stage(one, wish) if name else Wish.of_config(one, wish)
        for name, one in configs.items()
    }
    ranks.first(check_configs, configs, {**changed, '': options})
    ranks.first(fetch, configs)
    missing = ranks.first(_missing, configs, wishes)
    needed = {name: configs[name] for name in missing}
    found = ranks.first(check, [*needed.values()], ('train', 'val'))
    stored = dict(zip(missing, found))
    runner = None
    finished: List[str] = []
    with ExitStack() as held:
        starts = ranks.first(claim, needed, wishes, held)
        for name, one in configs.items():
            if name in starts and not starts[name].finished:
                if runner is not None:  # what a stage makes is there now
                    starts[name] = ranks.first(begin, one, wishes[name])
                runner = _train(one, stored[name], finished, starts[name])
                ranks.all(lambda: None)  # the weights are written
            stage = name.removeprefix('stages.')
            finished.append(f'{stage}: {WorkDir(one).weights}')
    if starts[''].finished:
        ranks.first(_say_finished, cfg)
        return None
    return runner


def _missing(configs: Dict[str, Config], wishes: Dict[str, Wish]) -> List[str]:
    """Names of the stages that are not finished, and of the config.

    Whether that is finished is known when its data have been checked.
    """
    faults: List[str] = []
    found = []
    for name, cfg in configs.items():
        with gathered(faults):
            WorkDir(cfg).check_free()
            if not examine(cfg, wishes[name]).finished or not name:
                found.append(name)
    if faults:
        raise Faults(*faults)
    return found


def _say_finished(cfg: Config) -> None:
    MMLogger.get_current_instance().info(
        f'{cfg.work_dir!r} holds this very training, finished: nothing is '
        'trained. --overwrite trains it anew.'
    )


def _train(
    cfg: Config, stored: Stored, finished: List[str], start: Start
) -> Runner:
    """Train one config and write its weights."""
    prepare(cfg, stored=stored)
    if start.clear and get_rank() == 0:
        WorkDir(cfg).clear()
    cfg.resume = start.checkpoint is not None
    if cfg.resume:
        cfg.load_from = start.checkpoint
    runner = Runner.from_cfg(cfg)
    for hook in (IdentityHook(start), TerminalHook(), AlarmHook()):
        runner.register_hook(hook)
    for note in start.notes:
        runner.logger.warning(note)
    for stage in finished:
        runner.logger.info(f'finished stage {stage}')
    runner.train()
    model = runner.model
    model = model.module if is_model_wrapper(model) else model
    learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
    # One entry: the order of several would change the digest of the file.
    training = dict(
        identity=str(start.identity.of_weights),
        learnt=learnt,
        threads=torch.get_num_threads(),
    )
    if runner.rank == 0:
        state = {
            k: v.detach().cpu().contiguous()
            for k, v in model.state_dict().items()
        }
        with written_aside(osp.join(cfg.work_dir, WEIGHTS)) as file:
            file.write(save(state, dict(training=json.dumps(training))))
    return runner
