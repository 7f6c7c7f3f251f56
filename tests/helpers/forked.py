"""Tools as processes that are forked from one interpreter.

It has imported what tools import, so that a tool starts in a moment, as
tools/run_grid.py starts its trainings.
"""

import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing import forkserver
from pathlib import Path
from typing import Callable, Optional

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


def run(
    folder: Path,
    tool: str,
    *args,
    log: str = 'tool.log',
    first: Optional[Callable] = None,
    limit: float = LIMIT,
) -> int:
    """Run a tool in a folder; what it prints is appended to a file there.

    Args:
        folder (Path): The folder.
        tool (str): File below tools/.
        args: Of its command line.
        log (str): The file. Defaults to ``tool.log``.
        first (callable, optional): What its process does before; it is
            pickled.
        limit (float): Seconds; one that takes longer hangs.

    Returns:
        int: Its exit code, the negative number of a signal that ended it.
    """
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([*PRELOADED, __name__])
    call = [str(TOOLS / tool), *map(str, args)]
    process = context.Process(
        target=_be_tool, args=(call, str(folder), log, dict(os.environ), first)
    )
    process.start()
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f'{tool} hangs:\n{read_log(folder, log)}')
    return process.exitcode


def read_log(folder: Path, log: str = 'tool.log') -> str:
    """The end of what tools printed."""
    file = folder / log
    return file.read_text()[-6000:] if file.exists() else ''
