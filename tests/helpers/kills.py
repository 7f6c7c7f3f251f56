"""Tools that end themselves at a chosen moment, and how they went on.

A tool is a process of :mod:`helpers.forked`. A *moment* is a place that
a process reaches at some time: a hook of MMEngine, a backward pass, a file
that is opened, half written or put into its place. Nothing here depends on
how this package does its work.

A config that imports this module passes a moment on to processes that a tool
starts: it is read from the environment.
"""

import builtins
import fnmatch
import json
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .forked import LIMIT, read_log, run

KILL, TERM, INT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
VARIABLE = 'MMACTION_UDA_TEST_MOMENT'
REACHED = 'reached'


class Moment(NamedTuple):
    """When a process ends itself, and how.

    Args:
        kind (str): ``'hook'``, ``'backward'``; of files ``'open'`` to write,
            ``'write'``, when half of what is written first is there,
            ``'rename'``, before it is in its place, or ``'remove'``.
        what (str): Name of the hook; pattern of the name of the file.
        number (int): The how manieth of its kind. Defaults to 1.
        signal (int): Defaults to SIGKILL.
        victim (str): ``'tool'``, that process, or ``'grid'``, the one that
            started it. Defaults to ``'tool'``.
    """

    kind: str
    what: str = ''
    number: int = 1
    signal: int = KILL
    victim: str = 'tool'

    def __str__(self) -> str:
        """For names of tests."""
        name = signal.Signals(self.signal).name[3:]
        return f'{name}-{self.kind}-{self.what}-{self.number}'


class _Trap:
    """Counts how often a moment is reached; the tool ends at the last."""

    def __init__(self, moment: Moment) -> None:
        self.moment, self.left = moment, moment.number
        self.tool = os.getpid()  # also in processes that it forks
        self.note = Path(REACHED).resolve()
        getattr(self, f'_set_{moment.kind}', self._watch_files)()

    def reached(self, what: str) -> bool:
        """Whether this is the time."""
        if fnmatch.fnmatch(what, self.moment.what):
            self.left -= 1
            return self.left == 0
        return False

    def end(self) -> None:
        """Send the signal, and leave a note of it."""
        self.note.touch()
        victim = self.tool
        if self.moment.victim == 'grid':  # a fork server is between the two
            victim = _parent(_parent(victim))
        os.kill(victim, self.moment.signal)
        if self.moment.victim == 'grid':
            time.sleep(LIMIT)  # it is to end with the grid

    def _set_hook(self) -> None:
        from mmengine.runner import Runner

        call_hook = Runner.call_hook

        def call(runner, name: str, **kwargs) -> None:
            if self.reached(name):
                self.end()
            call_hook(runner, name, **kwargs)

        Runner.call_hook = call

    def _set_backward(self) -> None:
        import torch

        backward = torch.Tensor.backward

        def call(*args, **kwargs) -> None:
            backward(*args, **kwargs)
            if self.reached(''):
                self.end()

        torch.Tensor.backward = call

    def _set_write(self) -> None:
        open_file = builtins.open

        def call(file, mode='r', *args, **kwargs):
            opened = open_file(file, mode, *args, **kwargs)
            if set(mode) & set('wa+x') and self._is_file(file):
                write = opened.write

                def write_half(content):
                    half = len(content) // 2
                    write(content[:half])
                    opened.flush()
                    self.end()
                    opened.write = write
                    return half + write(content[half:])

                opened.write = write_half
            return opened

        builtins.open = call

    def _watch_files(self) -> None:
        """By Python's audit events, which tell before it happens."""
        kind = self.moment.kind
        event = {'open': 'open', 'rename': 'os.rename', 'remove': 'os.remove'}
        wanted = event[kind]

        def audit(name: str, args: tuple) -> None:
            if name != wanted:
                return
            if kind == 'open' and not args[2] & (os.O_WRONLY | os.O_RDWR):
                return
            if self._is_file(args[1] if kind == 'rename' else args[0]):
                self.end()

        sys.addaudithook(audit)

    def _is_file(self, file) -> bool:
        is_path = isinstance(file, (str, os.PathLike))
        return is_path and self.reached(os.path.basename(file))


def _parent(process: int) -> int:
    stat = Path(f'/proc/{process}/stat').read_text()
    return int(stat.rpartition(')')[2].split()[1])


def _set_trap(call: str, moment: Moment) -> None:
    """Let a tool meet its moment, or the trainings that it starts."""
    if call == 'run_grid.py':
        os.environ[VARIABLE] = json.dumps(moment)
    else:
        _Trap(moment)


def ended(folder: Path, moment: Moment, tool: str, *args) -> int:
    """Exit code of a tool that ends itself at a moment."""
    (folder / REACHED).unlink(missing_ok=True)
    code = run(folder, tool, *args, first=partial(_set_trap, tool, moment))
    assert (folder / REACHED).exists(), f'{moment}:\n{read_log(folder)}'
    return code


def kill(folder: Path, moment: Moment, tool: str, *args) -> None:
    """Run a tool that ends itself at a moment."""
    code = ended(folder, moment, tool, *args)
    assert code not in (0, 2), read_log(folder)


def finish(folder: Path, tool: str, *args) -> None:
    """Run a tool to its end."""
    code = run(folder, tool, *args)
    assert code == 0, f'exit code {code}\n{read_log(folder)}'


if VARIABLE in os.environ:
    _Trap(Moment(*json.loads(os.environ[VARIABLE])))
