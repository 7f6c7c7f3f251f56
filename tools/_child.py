"""Tools that another tool runs."""

import os
import os.path as osp
import re
import subprocess
import sys
from typing import Callable, Dict, Optional, Sequence

from mmaction_uda.faults import Faults

TOOLS = osp.dirname(osp.abspath(__file__))
# What our tools print of a list of videos, and of an epoch.
DONE = re.compile(r'(?:(.+): )?\s*(\d+)/(\d+)[ ,]')


def run_tool(
    tool: str,
    args: Sequence[str],
    env: Dict[str, str],
    log: str,
    on_progress: Callable[[Optional[str], int, int], None],
) -> None:
    """Run one of our tools.

    Args:
        tool (str): File name in tools/.
        args (Sequence[str]): Its arguments.
        env (dict): Added to the environment.
        log (str): The file that takes what it prints.
        on_progress (Callable): Is told of a list, or None for epochs, how
            much is done, of how much.

    Raises:
        Faults: If it refuses what it is given.
        RuntimeError: If it fails; with the end of its log.
    """
    os.makedirs(osp.dirname(log), exist_ok=True)
    with (
        open(log, 'w') as out,
        subprocess.Popen(
            [sys.executable, osp.join(TOOLS, tool), *args],
            env={**os.environ, **env},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        assert process.stdout is not None  # it is a pipe
        for line in process.stdout:
            out.write(line)
            out.flush()
            if done := DONE.match(line):
                on_progress(done[1], int(done[2]), int(done[3]))
    if process.returncode:
        _fail(f'{tool} {" ".join(args)}', process.returncode, log)


def _fail(call: str, code: int, log: str) -> None:
    """Pass on what a tool said last."""
    with open(log) as file:
        lines = file.read().splitlines()
    errors = [x[7:] for x in lines if x.startswith('error: ')]
    if code == 2 and errors:
        raise Faults(f'{call}, see {log}:', *errors)
    tail = '\n'.join(lines[-15:])
    raise RuntimeError(f'{call} failed, see {log}:\n{tail}')
