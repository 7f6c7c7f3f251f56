"""Hooks that look on while bench_training.py trains."""

import time
from typing import Dict

import torch
from mmengine.hooks import Hook
from torch import profiler

WARM_UP = 5  # steps


class Stopwatch(Hook):
    """Seconds that pass in the phases of a training, and the GPU's peak."""

    def __init__(self) -> None:
        phases = ('start_up', 'warm_up', 'training', 'evaluation', 'between')
        self.seconds: Dict[str, float] = dict.fromkeys(phases, 0.0)
        self.start = time.perf_counter()
        self.warm_up = self.peak = 0

    def _lap(self, phase: str) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter()
        self.seconds[phase] += now - self.start
        self.start = now

    def before_train(self, runner) -> None:
        """End start-up."""
        self._lap('start_up')

    def before_train_epoch(self, runner) -> None:
        """End what is between."""
        self._lap('between')

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        """End the first steps; later the logger forgets their peak."""
        if runner.iter + 1 == WARM_UP:
            self.warm_up = WARM_UP
            self._lap('warm_up')
            if torch.cuda.is_available():
                self.peak = torch.cuda.max_memory_allocated()

    def after_train_epoch(self, runner) -> None:
        """End the steps of an epoch."""
        self._lap('training')

    def before_val_epoch(self, runner) -> None:
        """End what is between."""
        self._lap('between')

    def after_val_epoch(self, runner, metrics=None) -> None:
        """End an evaluation."""
        self._lap('evaluation')

    def after_train(self, runner) -> None:
        """End all."""
        self._lap('between')


class Profile(Hook):
    """Writes what ten steps behind the first ones spend their time with."""

    def __init__(self, path: str) -> None:
        self.path = path

    def before_train(self, runner) -> None:
        """Wait for the first steps to pass."""
        self.profile = profiler.profile(
            schedule=profiler.schedule(
                wait=WARM_UP, warmup=1, active=10, repeat=1
            ),
            on_trace_ready=self._write,
        )
        self.profile.start()

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        """Count a step."""
        self.profile.step()

    def after_train(self, runner) -> None:
        """Write what there is of a shorter training."""
        self.profile.stop()

    def _write(self, profile) -> None:
        averages = profile.key_averages()
        devices = ('cuda', 'cpu')[not torch.cuda.is_available() :]
        with open(self.path, 'w') as file:
            for device in devices:
                key = f'self_{device}_time_total'
                file.write(averages.table(sort_by=key, row_limit=60))
