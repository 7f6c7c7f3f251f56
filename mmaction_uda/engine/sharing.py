"""Work that several processes share, one progress bar for all of them."""

import os
import signal
import sys
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Callable, Iterator, List, NamedTuple

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.dist import get_dist_info
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)

START_METHOD = 'spawn'  # CUDA survives no fork
Report = Callable[[str, int], None]  # path of a store, videos done


class Job(NamedTuple):
    """One shard to make."""

    path: str  # of the store
    number: int  # of the shard
    size: int  # videos to read
    videos: Any = None  # what the work must know of them


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
        RuntimeError: If a process died; the others are ended.
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
                report(*queue.get())


def end_with(parent: int, *_) -> None:
    """Let this process be killed when its parent ends, however it ends."""
    mp._prctl_pr_set_pdeathsig(signal.SIGKILL)
    if os.getppid() != parent:  # ended already
        os._exit(1)


def _child(
    index: int, work: Work, jobs: List[Job], world: int, parent: int, queue
) -> None:
    end_with(parent)
    if 'OMP_NUM_THREADS' not in os.environ:
        cores = len(os.sched_getaffinity(0))
        torch.set_num_threads(max(1, cores // world))
    if torch.cuda.is_available():
        torch.cuda.set_device(index % torch.cuda.device_count())
    work(jobs[index::world], lambda *progress: queue.put(progress))


class _Speed(ProgressColumn):
    """Videos per second."""

    def render(self, task: Task) -> str:
        return f'{task.finished_speed or task.speed or 0:.1f} videos/s'


@contextmanager
def _progress(jobs: List[Job], quiet: bool) -> Iterator[Report]:
    """A bar for every store; gives the function that moves them."""
    sizes = {}
    for job in jobs:
        sizes[job.path] = sizes.get(job.path, 0) + job.size
    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, disable=quiet) as bars:
        tasks = {
            path: bars.add_task('/'.join(path.split('/')[-2:]), total=size)
            for path, size in sizes.items()
        }
        yield lambda path, count: bars.advance(tasks[path], count)


class Ranks:
    """The processes of a launcher; without one, this process alone."""

    def __init__(self) -> None:
        self.rank, self.world = get_dist_info()
        self._group = None
        if self.world > 1:
            # To wait here for hours is no fault, as it is for gradients.
            wait = timedelta(days=7)
            self._group = dist.new_group(backend='gloo', timeout=wait)

    def all(self, step: Callable, *args) -> list:
        """Run a step on every process; an error of one ends all.

        Returns:
            list: What it returned on each of them.

        Raises:
            Exception: That of this process.
            RuntimeError: With the message of another process.
        """
        result = error = text = None
        try:
            result = step(*args)
        except Exception as caught:
            if self.world == 1:
                raise
            error, text = caught, f'{type(caught).__name__}: {caught}'
            # At once: the others may be at work for long.
            print(f'process {self.rank}: {text}', file=sys.stderr, flush=True)
        gathered = [(result, text)] * self.world
        if self.world > 1:
            dist.all_gather_object(gathered, (result, text), self._group)
        if error is not None:
            raise error
        for rank, (_, text) in enumerate(gathered):
            if text is not None:
                raise RuntimeError(f'process {rank} failed: {text}')
        return [result for result, _ in gathered]

    def first(self, step: Callable, *args):
        """Run a step on the first process only; all get what it returns."""
        return self.all(step if self.rank == 0 else _nothing, *args)[0]


def _nothing(*args) -> None:
    pass
