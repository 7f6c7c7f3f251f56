"""Tools as processes that are forked from one interpreter.

It has imported what tools import, so that a tool starts in a moment, as
tools/run_grid.py starts its trainings.
"""

import multiprocessing
import os
import runpy
import signal
import sys
import time
from multiprocessing import forkserver
from pathlib import Path
from typing import Callable, Optional

import torch.multiprocessing as mp

TOOLS = Path(__file__).resolve().parents[2] / 'tools'
sys.path.insert(0, str(TOOLS))

from _child import PRELOADED  # noqa: E402

LIMIT = 300  # seconds


def _be_tool(call: list, folder: str, log: str, env: dict, first) -> None:
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
    os.environ.clear()
    os.environ.update(env, OMP_NUM_THREADS='1')
    torch.set_num_threads(1)
    if first is not None:
        first()
    sys.argv = call
    sys.path.insert(0, os.path.dirname(call[0]))
    runpy.run_path(call[0], run_name='__main__')


class Started:
    """A tool that runs, in the words of :class:`subprocess.Popen`."""

    def __init__(self, process) -> None:
        self._process = process
        self.pid = process.pid
        self.kill = process.kill

    @property
    def returncode(self) -> Optional[int]:
        """Its exit code, the negative number of a signal that ended it."""
        return self._process.exitcode

    def poll(self) -> Optional[int]:
        """The same."""
        return self.returncode

    def wait(self, timeout: float = LIMIT) -> int:
        """The same, when it has ended; one that takes longer hangs."""
        self._process.join(timeout)
        if self.returncode is None:
            self.kill()
            raise AssertionError(f'no end after {timeout} s')
        return self.returncode


def preloaded():
    """The interpreter that is forked, which has imported everything."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([*PRELOADED, __name__])
    return context


def start(
    folder: Path,
    tool: str,
    *args,
    log: str = 'tool.log',
    first: Optional[Callable] = None,
) -> Started:
    """Start a tool in a folder; what it prints is appended to a file there.

    Args:
        folder (Path): The folder.
        tool (str): File below tools/.
        args: Of its command line.
        log (str): The file. Defaults to ``tool.log``.
        first (callable, optional): What its process does before; it is
            pickled.
    """
    call = [str(TOOLS / tool), *map(str, args)]
    process = preloaded().Process(
        target=_be_tool, args=(call, str(folder), log, dict(os.environ), first)
    )
    process.start()
    return Started(process)


def run(folder: Path, tool: str, *args, limit: float = LIMIT, **kwargs) -> int:
    """Start a tool, and wait for its end.

    Returns:
        int: Its exit code, the negative number of a signal that ended it.
    """
    return start(folder, tool, *args, **kwargs).wait(limit)


def spread(work: Callable, number: int, *args, limit: float = LIMIT) -> None:
    """Let ``work(rank, *args)`` run in processes side by side.

    They are killed if they hang.
    """
    preloaded()
    processes = mp.start_processes(
        work, args, number, join=False, start_method='forkserver'
    )
    deadline = time.time() + limit
    try:
        while not processes.join(timeout=1):
            assert time.time() < deadline, f'no result after {limit} s'
    finally:
        for process in processes.processes:
            process.kill()


def read_log(folder: Path, log: str = 'tool.log') -> str:
    """The end of what tools printed."""
    file = folder / log
    return file.read_text()[-6000:] if file.exists() else ''
