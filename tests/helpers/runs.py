"""Trainings, in this process and by our tools in processes of their own."""

import os
import re
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmaction_uda import engine

from .clip import stand_in
from .configs import ROOT, reduce_config
from .data import furnish
from .forked import Started, run, start

_numbers = count()


def name_experiment(cfg: Config) -> None:
    """MMEngine names loggers by the second, which is not enough here."""
    cfg.experiment_name = f'test{next(_numbers)}'


def make_runner(cfg: Config) -> Runner:
    """A runner that shares no logger with another one of this process."""
    name_experiment(cfg)
    return Runner.from_cfg(cfg)


def train(cfg: Config, *hooks: Hook) -> Runner:
    """Prepare and train a config; returns the runner."""
    engine.prepare(cfg)
    runner = make_runner(cfg)
    for hook in hooks:
        runner.register_hook(hook)
    runner.train()
    return runner


def state_of(model: torch.nn.Module) -> dict:
    """A copy of all weights and buffers."""
    return {k: v.clone() for k, v in model.state_dict().items()}


def differing(a: dict, b: dict) -> list:
    """Keys whose tensors are not the same bit for bit."""
    assert set(a) == set(b) and a
    return [k for k in a if not torch.equal(a[k], b[k])]


def flat(value, name: str = '') -> dict:
    """All numbers and tensors of a nested state by their path."""
    if isinstance(value, (list, tuple)):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return {name: value}
    return {
        k: v
        for key, inner in value.items()
        for k, v in flat(inner, f'{name}.{key}').items()
    }


def check_same_state(found: dict, wanted: dict) -> None:
    """Weights, buffers, optimizer and schedules of two checkpoints."""
    for part in ('state_dict', 'optimizer', 'param_schedulers'):
        a, b = flat(found[part]), flat(wanted[part])
        assert set(a) == set(b) and a
        different = [
            k
            for k in a
            if not (
                torch.equal(a[k], b[k])
                if isinstance(a[k], torch.Tensor)
                else a[k] == b[k]
            )
        ]
        assert not different, part
    for key in ('seed', 'epoch', 'iter'):
        assert found['meta'][key] == wanted['meta'][key]


def train_stages(cfg: Config) -> None:
    """Train the stages of ``cfg`` here, where later ones find them."""
    cfg.launcher = 'none'
    for stage in cfg.get('stages', {}).values():
        stage.work_dir = str(
            Path(f'stages/{Path(stage.config).stem}').resolve()
        )
    for stage in engine.open_stages(cfg).values():
        reduce_config(stage, stage.work_dir)
        stand_in(stage)
        if not stage.get('prepare'):
            furnish(stage)
        if not engine.is_finished(stage):
            engine.train(stage, {})


def tool_env() -> dict:
    """Environment of a tool: no state of this process, one thread."""
    return dict(os.environ, OMP_NUM_THREADS='1', PYTHONUNBUFFERED='1')


def _told(name: str, args: tuple, debug: bool) -> list:
    """Arguments of a tool; trainings and tests tell all."""
    told = ['--debug'] if debug and name in ('train.py', 'test.py') else []
    return [*map(str, args), *told]


def tool_command(name: str, *args, debug: bool = True) -> list:
    """Command line of one of our tools."""
    tool = str(ROOT / 'tools' / name)
    return [sys.executable, tool, *_told(name, args, debug)]


def start_tool(name: str, *args, debug: bool = True) -> subprocess.Popen:
    """Start a tool in a process of its own."""
    return subprocess.Popen(
        tool_command(name, *args, debug=debug),
        env=tool_env(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


TRAININGS = []


def start_training(
    config: str, work_dir: str, *args, new_group: bool = False
) -> Started:
    """Start tools/train.py, which prints to ``WORK_DIR.log``."""
    log = Path(f'{work_dir}.log').resolve()
    log.write_bytes(b'')
    call = _told('train.py', (config, '--work-dir', work_dir, *args), True)
    first = os.setsid if new_group else None
    TRAININGS.append(
        start(Path.cwd(), 'train.py', *call, log=str(log), first=first)
    )
    return TRAININGS[-1]


def finish(*processes: subprocess.Popen, fails: bool = False) -> list:
    """Wait for tools; returns all that each printed."""
    outputs = [p.communicate(timeout=600)[0] for p in processes]
    for process, output in zip(processes, outputs):
        assert bool(process.returncode) == fails, output[-4000:]
    return outputs


def run_tool(name: str, *args, fails: bool = False, debug: bool = True) -> str:
    """Run a tool to its end; returns all that it printed.

    It is forked, or, in ``make test-all``, an interpreter of its own.
    """
    if os.environ.get('TOOLS') == 'fresh':
        process = start_tool(name, *args, debug=debug)
        return finish(process, fails=fails)[0]
    with tempfile.NamedTemporaryFile() as log:
        call = _told(name, args, debug)
        code = run(Path.cwd(), name, *call, log=log.name)
        output = Path(log.name).read_text()
    assert bool(code) == fails, output[-4000:]
    return output


def accuracies(output: str, phase: str) -> dict:
    """The last accuracies that a tool printed for ``'val'`` or ``'test'``."""
    line = re.findall(rf'Epoch\({phase}\).*acc/top1.*', output)[-1]
    return dict(re.findall(r'(acc/\w+): ([\d.]+)', line))


class SeenLosses(Hook):
    """Collects the losses of every step."""

    def __init__(self) -> None:
        self.losses = []

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        self.losses.append({k: v.item() for k, v in outputs.items()})
