"""Jobs that processes of this machine share, and how far they are."""

import os
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import torch
import torch.multiprocessing as mp

from ..faults import Faults
from ..processes import end_with
from ..progress import Progress

START_METHOD = 'spawn'  # CUDA survives no fork
Report = Callable[[str, int], None]  # path of a store, videos done


class Job(NamedTuple):
    """One shard to make."""

    path: str  # of the store
    size: int  # videos to read
    work: Any  # what else must be known


Work = Callable[[List[Job], Report], None]


def share(
    work: Work, jobs: List[Job], num_processes: int = 1, quiet: bool = False
) -> None:
    """Let processes of this machine work on jobs.

    Args:
        work (callable): Does a list of jobs and reports its progress; for
            several processes it must be picklable.
        jobs (list[Job]): The jobs; process ``i`` of ``n`` takes ``[i::n]``.
        num_processes (int): 1 means this very process. Defaults to 1.
        quiet (bool): Show no progress. Defaults to False.

    Raises:
        Faults: What one of several processes found wrong.
        RuntimeError: If a process died.
        Exception: Any other error of one of them. The others are ended.
    """
    num_processes = min(num_processes, len(jobs))
    with _progress(jobs, quiet) as report:
        if num_processes < 2:
            work(jobs, report)
            return
        queue = mp.get_context(START_METHOD).Queue()
        args = (work, jobs, num_processes, os.getpid(), queue)
        processes = mp.start_processes(
            _child, args, num_processes, join=False, start_method=START_METHOD
        )
        try:
            _follow(processes, queue, report)
        finally:
            for process in processes.processes:
                process.kill()


def _follow(processes: mp.ProcessContext, queue, report: Report) -> None:
    """Pass on what processes tell, until all have ended."""
    running = True
    while running:
        try:
            running = not processes.join(timeout=0.2)
        except mp.ProcessExitedException as error:
            raise RuntimeError(
                f'{error}: was it killed, is there too little memory? '
                'What it had stored is kept: start again.'
            ) from error
        while not queue.empty():
            told = queue.get()
            if isinstance(told, Faults):
                raise told
            report(*told)


def _child(
    index: int, work: Work, jobs: List[Job], world: int, parent: int, queue
) -> None:
    end_with(parent)
    if 'OMP_NUM_THREADS' not in os.environ:
        cores = len(os.sched_getaffinity(0))
        torch.set_num_threads(max(1, cores // world))
    if torch.cuda.is_available():
        torch.cuda.set_device(index % torch.cuda.device_count())
    try:
        work(jobs[index::world], lambda *progress: queue.put(progress))
    except (ValueError, OSError, ImportError) as error:  # is told in lines
        queue.put(Faults(*getattr(error, 'faults', [str(error)])))


@contextmanager
def _progress(jobs: List[Job], quiet: bool) -> Iterator[Report]:
    """Shows every store; gives the function that is told of videos."""
    sizes: Dict[str, int] = {}
    for job in jobs:
        sizes[job.path] = sizes.get(job.path, 0) + job.size
    with Progress(quiet) as bars:
        tasks = {
            path: bars.add_task('/'.join(path.split('/')[-2:]), total=size)
            for path, size in sizes.items()
        }
        yield lambda path, count: bars.advance(tasks[path], count)
