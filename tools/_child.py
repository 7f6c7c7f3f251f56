"""Tools that another tool runs, as processes forked from one interpreter.

The fork server of multiprocessing imports what the tools import, once, and
runs nothing else: it computes no tensor and has no thread that a fork would
lose. A tool then starts in a moment, and its numbers are those of a process
of its own with as many threads. A fork could not use GPUs if the server had
asked CUDA for them; where an import does so nevertheless, tools are processes
that import all anew.
"""

import multiprocessing
import os
import os.path as osp
import re
import runpy
import sys
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Callable, Dict, Optional, Sequence

from mmaction_uda.faults import Faults

TOOLS = osp.dirname(osp.abspath(__file__))
# What our tools import; scikit-learn scores validations, a model is run
# without numbers to be checked, and visualizers have a figure.
PRELOADED = (
    'mmaction_uda.engine',
    'mmaction_uda.config.checking.registries',
    'sklearn.linear_model',
    'sklearn.model_selection',
    'torch._dynamo',
    'matplotlib.backends.backend_agg',
    'matplotlib.figure',
)
# How much is done, of a list of videos, or of epochs (None), and of how much.
OnProgress = Callable[[Optional[str], int, int], None]
# What our tools print of a list of videos, and of an epoch.
DONE = re.compile(r'(?:(.+): )?\s*(\d+)/(\d+)[ ,]')


def run_tool(
    tool: str,
    args: Sequence[str],
    env: Dict[str, str],
    threads: int,
    log: str,
    on_progress: OnProgress,
) -> None:
    """Run one of our tools.

    Args:
        tool (str): File name in tools/.
        args (Sequence[str]): Its arguments.
        env (dict): Added to the environment.
        threads (int): Of its tensor operations.
        log (str): The file that takes what it prints.
        on_progress (OnProgress): Is told what is done.

    Raises:
        Faults: If it refuses what it is given.
        RuntimeError: If it fails; with the end of its log.
    """
    os.makedirs(osp.dirname(log), exist_ok=True)
    # Packages ask for GPUs when they are imported; NVML answers that.
    os.environ.setdefault('PYTORCH_NVML_BASED_CUDA_CHECK', '1')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(list(PRELOADED))
    read, write = context.Pipe(duplex=False)
    call = [osp.join(TOOLS, tool), *args]
    process = context.Process(target=_work, args=(call, env, threads, write))
    process.start()
    write.close()
    with open(log, 'w') as out, os.fdopen(os.dup(read.fileno())) as lines:
        for line in lines:
            out.write(line)
            out.flush()
            if done := DONE.match(line):
                on_progress(done[1], int(done[2]), int(done[3]))
    process.join()
    if process.exitcode:
        _fail(f'{tool} {" ".join(args)}', process.exitcode, log)


def _work(
    call: Sequence[str], env: Dict[str, str], threads: int, out: Connection
) -> None:
    """Be the tool, in a process of its own."""
    import torch

    from mmaction_uda.engine.pool import end_with

    end_with(os.getppid())
    # The fork server, and so this process, ends when nobody else holds this:
    # with the process that asked for the tool, however that ends.
    os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore
    for stream in (sys.stdout, sys.stderr):
        os.dup2(out.fileno(), stream.fileno())
    sys.stdout = open(1, 'w', buffering=1, closefd=False)
    out.close()
    os.environ.update(env, OMP_NUM_THREADS=str(threads))
    if torch.cuda._is_in_bad_fork():
        os.execv(sys.executable, [sys.executable, *call])
    torch.set_num_threads(threads)
    sys.argv = list(call)
    runpy.run_path(call[0], run_name='__main__')


def _fail(call: str, code: int, log: str) -> None:
    """Pass on what a tool said last."""
    with open(log) as file:
        lines = file.read().splitlines()
    errors = [x[7:] for x in lines if x.startswith('error: ')]
    if code == 2 and errors:
        raise Faults(f'{call}, see {log}:', *errors)
    tail = '\n'.join(lines[-15:])
    raise RuntimeError(f'{call} failed, see {log}:\n{tail}')
