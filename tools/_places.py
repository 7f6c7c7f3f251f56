"""Where the trainings of a grid run: here, or as jobs of a cluster."""

import os
import os.path as osp
import sys
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Dict, Iterator, Optional, Protocol, Sequence

from _child import TOOLS, OnProgress, run_tool

from mmaction_uda.faults import Faults

DEVICES = 'CUDA_VISIBLE_DEVICES'


class Place(Protocol):
    """Runs one of our tools, and waits for it; see :func:`run_tool`."""

    jobs: int  # at a time, unless a user says another number

    def run(
        self,
        tool: str,
        args: Sequence[str],
        env: Dict[str, str],
        threads: int,
        log: str,
        on_progress: OnProgress,
    ) -> None:
        """Run it."""


class Here(Place):
    """This machine: one training at a time on each GPU, two without one.

    More of them share the GPUs, the same number on each or one more.

    Args:
        jobs (int, optional): Trainings at a time.
    """

    def __init__(self, jobs: Optional[int] = None) -> None:
        gpus = visible_gpus()
        self.jobs = jobs or len(gpus) or 2
        self._free: 'SimpleQueue[str]' = SimpleQueue()
        for number in range(self.jobs if gpus else 0):
            self._free.put(gpus[number % len(gpus)])
        self._has_gpus = bool(gpus)

    def run(self, tool, args, env, threads, log, on_progress) -> None:
        with self._device() as device:
            run_tool(tool, args, {**env, **device}, threads, log, on_progress)

    @contextmanager
    def _device(self) -> Iterator[Dict[str, str]]:
        if not self._has_gpus:
            yield {}
            return
        gpu = self._free.get()
        try:
            yield {DEVICES: gpu}
        finally:
            self._free.put(gpu)


def visible_gpus() -> Sequence[str]:
    """What CUDA_VISIBLE_DEVICES may name, of the GPUs there are."""
    import torch

    number = torch.cuda.device_count()
    named = os.environ.get(DEVICES)
    if named is None:
        return [str(gpu) for gpu in range(number)]
    return named.split(',')[:number]


class Slurm(Place):
    """Jobs of Slurm, by submitit; each goes on where it was cut off.

    Args:
        partition (str): Of the cluster; ``local`` runs the jobs as processes
            of this machine, to try it.
        hours (float): After which a job is cut off, and put back into the
            queue.
        jobs (int, optional): In the queue at a time.
    """

    def __init__(
        self, partition: str, hours: float, jobs: Optional[int] = None
    ) -> None:
        try:
            import submitit
        except ImportError as error:
            raise Faults(
                '--slurm needs submitit: pip install "mmaction_uda[slurm]".'
            ) from error
        import cloudpickle

        # A job imports what is installed, and this file is not.
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
        self.jobs = jobs or 64
        self._submitit = submitit
        self._cluster = 'local' if partition == 'local' else 'slurm'
        self._parameters: Dict[str, Any] = dict(
            timeout_min=int(60 * hours), gpus_per_node=1, nodes=1
        )
        if self._cluster == 'slurm':
            self._parameters['slurm_partition'] = partition
        else:
            self._parameters['gpus_per_node'] = len(visible_gpus()[:1])

    def run(self, tool, args, env, threads, log, on_progress) -> None:
        folder = osp.splitext(log)[0]
        executor = self._submitit.AutoExecutor(folder, self._cluster)
        executor.update_parameters(
            name=osp.basename(osp.dirname(log)),
            cpus_per_task=threads,
            **self._parameters,
        )
        call = [sys.executable, osp.join(TOOLS, tool), *args]
        env = {**env, 'OMP_NUM_THREADS': str(threads)}
        job = executor.submit(Training(call, env, os.getcwd()))
        try:
            job.result()
        except self._submitit.core.utils.UncompletedJobError as error:
            raise RuntimeError(
                f'job {job.job_id} of {" ".join(call)} did not end, see '
                f'{folder}: {error}'
            ) from error
        except self._submitit.core.utils.FailedJobError as error:
            raise RuntimeError(
                f'{" ".join(call)} failed, see {folder}:\n{job.stderr()}'
            ) from error


class Training:
    """A call of a tool that Slurm may cut off and begin again."""

    def __init__(
        self, call: Sequence[str], env: Dict[str, str], folder: str
    ) -> None:
        self.call, self.env, self.folder = call, env, folder

    def __call__(self) -> None:
        import subprocess

        subprocess.run(
            self.call,
            env={**os.environ, **self.env},
            cwd=self.folder,
            check=True,
        )

    def checkpoint(self, *_):
        """What is put into the queue again: the same, which resumes."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)
