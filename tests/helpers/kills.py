"""Tools that end themselves at a chosen moment, and how they went on.

A tool is a process forked from one interpreter that has imported what tools
import, as tools/run_grid.py starts its trainings. A *moment* is a place that
a process reaches at some time: a hook of MMEngine, a backward pass, a file
that is opened, half written or put into its place. Nothing here depends on
how this package does its work.

A config that imports this module passes a moment on to processes that a tool
starts: it is read from the environment.
"""

import builtins
import fnmatch
import json
import multiprocessing
import os
import runpy
import signal
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import NamedTuple, Optional

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
sys.path.insert(0, str(TOOLS))

from _child import PRELOADED  # noqa: E402

KILL, TERM, INT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
LIMIT = 300  # seconds
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


def _be_tool(call: list, folder: str, log: str, moment) -> None:
    """Be a tool in a folder; in a process of its own."""
    import torch

    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Else processes that it starts would come from the server of the tests.
    forkserver._forkserver.__init__()
    with open(log, 'ab') as out:
        for descriptor in (1, 2):
            os.dup2(out.fileno(), descriptor)
    sys.stdout = open(1, 'w', buffering=1, closefd=False)
    os.environ['OMP_NUM_THREADS'] = '1'
    torch.set_num_threads(1)
    if call[0].endswith('run_grid.py') and moment is not None:
        os.environ[VARIABLE] = json.dumps(moment)
    elif moment is not None:
        _Trap(moment)
    sys.argv = call
    runpy.run_path(call[0], run_name='__main__')


def run(
    folder: Path,
    tool: str,
    *args,
    moment: Optional[Moment] = None,
    limit: float = LIMIT,
) -> int:
    """Run a tool in a folder; what it prints is appended to ``tool.log``.

    One that takes longer than ``limit`` seconds hangs.

    Returns:
        int: Its exit code, the negative number of a signal that ended it.
    """
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([*PRELOADED, __name__])
    call = [str(TOOLS / tool), *map(str, args)]
    log = str(folder / 'tool.log')
    process = context.Process(
        target=_be_tool, args=(call, str(folder), log, moment)
    )
    process.start()
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f'{tool} hangs:\n{read_log(folder)}')
    return process.exitcode


def read_log(folder: Path) -> str:
    """The end of what tools printed."""
    log = folder / 'tool.log'
    return log.read_text()[-6000:] if log.exists() else ''


def kill(folder: Path, moment: Moment, tool: str, *args) -> None:
    """Run a tool that ends itself at a moment."""
    (folder / REACHED).unlink(missing_ok=True)
    code = run(folder, tool, *args, moment=moment)
    assert (folder / REACHED).exists() and code not in (0, 2), (
        f'{moment}: exit code {code}\n{read_log(folder)}'
    )


def finish(folder: Path, tool: str, *args) -> None:
    """Run a tool to its end."""
    code = run(folder, tool, *args)
    assert code == 0, f'exit code {code}\n{read_log(folder)}'


if VARIABLE in os.environ:
    _Trap(Moment(*json.loads(os.environ[VARIABLE])))
