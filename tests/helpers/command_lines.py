"""What is wrong with commands: what a program reads is looked up."""

import argparse
import io
import re
import runpy
import sys
from contextlib import contextmanager, redirect_stderr
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, Iterator, List, Sequence, Tuple
from unittest import mock

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_settings
from mmaction_uda.config.checking.settings import setting_faults
from mmaction_uda.config.combining import combined
from mmaction_uda.config.names import find_file, no_config
from mmaction_uda.faults import Faults

from .configs import ROOT
from .forked import TOOLS  # from where tools import each other
from .pages import is_placeholder
from .shell import Call, calls

LAUNCHERS = ('tools/_launch.py', 'torchrun')
VARIABLE = re.compile(r'^(?:\w+=\S* )*([A-Z_]+)=', re.M)
OF_OTHERS = {'OMP_NUM_THREADS', 'PYTHONPATH', 'WANDB_MODE'}
DATA = re.compile(r'(?<![\w/])data/(\w+)/')
OWN = {'mine'}  # which a reader makes


def faults(text: str, folder: Path) -> List[str]:
    """What is wrong with commands in a folder, the working directory."""
    found, said = calls(text, folder)
    wrong = [said] if said else []
    for call in found:
        wrong += call_faults(call)
    names = {*VARIABLE.findall(text)} - OF_OTHERS
    wrong += [f'nothing reads {n}' for n in names if n not in sources()]
    names = {*DATA.findall(text)} - OWN
    return wrong + [
        f'no data/{n}' for n in names if f'data/{n}' not in sources()
    ]


@cache
def sources() -> str:
    """What the package, its configs and its tools hold."""
    return '\n'.join(
        file.read_text('utf-8')
        for folder in ('mmaction_uda', 'configs', 'tools')
        for kind in ('*.py', '*.sh')
        for file in (ROOT / folder).rglob(kind)
    )


def call_faults(call: Call) -> List[str]:
    """What is wrong with a call of a program."""
    look = {
        'make': _make,
        'mmaction-uda': _installed,
        'pip': _pip,
        'python': _python,
        'srun': _srun,
        'torchrun': lambda args: _launched('torchrun', args),
    }.get(call.program)
    return [*look(call.args)] if look else []


# -- programs ----------------------------------------------------------------
def _make(args: Sequence[str]) -> Iterator[str]:
    text = Path('Makefile').read_text()
    for word in args:
        name, assigned, _ = word.partition('=')
        kind = r'[?:]?=' if assigned else ':'
        if not re.search(rf'^{re.escape(name)} ?{kind}', text, re.M):
            yield f'make knows no {word}'


def _pip(args: Sequence[str]) -> Iterator[str]:
    extras, packages = _setup()
    _, *rest = args
    for before, word in zip([args[0], *rest], rest):
        name, _, extra = re.sub(r'[<>=].*', '', word).partition('[')
        if before in ('-c', '-r') and not Path(word).is_file():
            yield f'pip: there is no file {word}'
        elif before in ('-c', '-r') or word.startswith('-'):
            continue
        elif name not in {'.', 'mmaction_uda', *packages}:
            yield f'pip: {name} is in no extra of ours'
        for each in filter(None, extra.strip('[]').split(',')):
            if each not in extras:
                yield f'pip: there is no extra {each}'


@cache
def _setup() -> Tuple[list, list]:
    """Extras of this package, and all that it can ask for."""
    with mock.patch('setuptools.setup') as setup:
        runpy.run_path(str(ROOT / 'setup.py'))
    extras: Dict[str, list] = setup.call_args.kwargs['extras_require']
    names = [re.split(r'[<>=]', n)[0] for e in extras.values() for n in e]
    return [*extras], names


def _python(args: Sequence[str]) -> Iterator[str]:
    args = [a for a in args if a != '-u']
    script, *rest = args
    if script == '-m':
        if find_spec(rest[0]) is None:
            yield f'python: there is no module {rest[0]}'
    elif script == '-c':
        compile(rest[0], 'python -c', 'exec')
    elif script in LAUNCHERS:
        yield from _launched(script, rest)
    elif not Path(script).is_file():
        yield f'python: there is no file {script}'
    elif TOOLS in Path(script).resolve().parents:
        tool = Path(script).resolve().relative_to(TOOLS.parent)
        yield from _tool(str(tool), rest)


def _installed(args: Sequence[str]) -> Iterator[str]:
    name = args[0].replace('-', '_') if args else ''
    if name and not name.startswith('_'):
        yield from _python([f'tools/{name}.py', *args[1:]])


def _srun(args: Sequence[str]) -> Iterator[str]:
    yield from _python(args[list(args).index('python') + 1 :])


def _launched(launcher: str, args: Sequence[str]) -> Iterator[str]:
    from torch.distributed.run import parse_args

    with _told(launcher, args) as wrong:
        found = parse_args(list(args))
        script, rest = found.training_script, found.training_script_args
        wrong.extend(_python([script, *rest]))
    yield from wrong


# -- our tools ---------------------------------------------------------------
class _Parsed(Exception):
    """Ends a tool when its command line is read."""


def _tool(tool: str, args: Sequence[str]) -> Iterator[str]:
    """What is wrong with the arguments of one of our tools."""
    read = argparse.ArgumentParser.parse_args

    def parse_args(parser, *_):
        raise _Parsed(read(parser, list(args)))

    patch = mock.patch('argparse.ArgumentParser.parse_args', parse_args)
    file = TOOLS.parent / tool
    path = mock.patch('sys.path', [str(file.parent), *sys.path])
    found = None
    with _told(tool, args) as wrong, patch, path:
        try:
            runpy.run_path(str(file), run_name='__main__')
        except _Parsed as parsed:
            found = parsed.args[0]
    yield from wrong
    try:
        for name, options in _trained(tool, found) if found else ():
            yield from config_faults(name, options)
        yield from _checkpoint(found) if found else ()
    except Faults as refused:
        yield from refused.faults


@contextmanager
def _told(program: str, args: Sequence[str]) -> Iterator[List[str]]:
    """Make a fault of what a parser refuses."""
    wrong: List[str] = []
    with redirect_stderr(io.StringIO()) as text:
        try:
            yield wrong
        except SystemExit:
            said = text.getvalue().strip().rpartition('\n')[2]
            wrong.append(f'{program} {" ".join(args)}: {said}')


def _trained(tool: str, args: argparse.Namespace) -> Iterator[tuple]:
    """Configs that a tool reads, each with the settings it changes."""
    options = tuple(getattr(args, 'cfg_options', ()))
    if tool == 'tools/run_grid.py':
        from _plan import asked_for

        for trial in asked_for(args)[0]:
            yield trial.config, trial.options
        return
    configs = getattr(args, 'configs', [getattr(args, 'config', '')])
    for name in filter(None, configs):
        yield name, options
        for axis in getattr(args, 'grid', ()):
            yield name, (*options, *axis[0])


def _checkpoint(args: argparse.Namespace) -> Iterator[str]:
    """A checkpoint is the last one of the config, where it is written."""
    file, config = (getattr(args, x, '') for x in ('checkpoint', 'config'))
    number = re.search(r'epoch_(\d+)\.pth$', file or '')
    if number and config:
        last = load_config(config).train_cfg.max_epochs
        if int(number[1]) != last:
            yield f'{file}: a training of {config} ends with epoch_{last}.pth'
        if Path(config).stem not in Path(file).parts:
            yield f'{file}: a training of {config} is called so'


# -- configs -----------------------------------------------------------------
_known: Dict[tuple, List[str]] = {}


def config_faults(name: str, options: Tuple[str, ...] = ()) -> List[str]:
    """What is wrong with a config and with settings that are changed.

    A file of a reader's own is checked as a training does it. Of others only
    the settings that are changed are: test_configs.py reads them all.
    """
    from cli import parsed

    if is_placeholder(name):
        return []
    own = Path(name).is_file() and not Path(name).is_symlink()
    key = (Path(name).resolve() if own else name, options)
    if key not in _known:
        wrong: List[str] = []
        try:
            if own or options:
                cfg = load_config(name, parsed(options) if options else {})
                look = check_settings if own else setting_faults
                wrong = look(cfg if own else cfg._cfg_dict)
            elif find_file(name) is None:
                if '@' not in name:
                    raise no_config(name)
                with combined(name):
                    pass
        except Faults as refused:
            wrong = list(refused.faults)
        _known[key] = [f'{name}: {fault}' for fault in wrong]
    return _known[key]
