"""How far work is: bars on a terminal, lines in a file or a pipe."""

from datetime import timedelta

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

SILENCE = 30  # seconds without a line, at most, as long as work goes on
PAUSE = 5  # seconds between the lines of two tenths, at least


class Progress(Bars):
    """rich's bars; where stdout is no terminal, a line now and then.

    A line tells of one task what is done, how fast, and the time left: at
    every tenth, but for tenths that follow quickly; after 30 s; at the end.
    Videos are counted, unless a task is added with ``unit='epochs'``.

    Args:
        quiet (bool): Show nothing. Defaults to False.
    """

    def __init__(self, quiet: bool = False) -> None:
        console = Console()
        bars = console.is_terminal and not quiet
        self._in_lines = not (bars or quiet)
        super().__init__(
            TextColumn('{task.description}', markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Speed(),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=bars,
            disable=not bars,
            speed_estimate_period=float('inf'),  # steps may take minutes
        )

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """Some more are done."""
        super().advance(task_id, advance)
        self._tell(task_id)

    def update(self, task_id: TaskID, **changes) -> None:
        """Change a task: see rich."""
        super().update(task_id, **changes)
        self._tell(task_id)

    def _tell(self, task_id: TaskID) -> None:
        with self._lock:
            task = self._tasks[task_id]
            if not (self._in_lines and task.total):
                return
            told, tenth = task.fields.get('told', (task.start_time, 0))
            now, here = self.get_time(), int(10 * task.percentage / 100)
            wait = PAUSE if here > tenth else SILENCE
            ends = task.finished and tenth < 10
            if ends or (here < 10 and now - told >= wait):
                task.fields['told'] = now, here
                print(self._line(task), flush=True)

    def _line(self, task: Task) -> str:
        done = f'{task.description}: {task.completed:.0f}/{task.total:.0f}'
        if task.finished_time is not None:
            took = timedelta(seconds=int(task.finished_time))
            return f'{done} {_unit(task)} in {took}'
        left = task.time_remaining
        if left is None:
            return f'{done} {_unit(task)}'
        return f'{done}, {_speed(task)}, {timedelta(seconds=left)} left'


class _Speed(ProgressColumn):
    """Videos per second, or seconds of an epoch."""

    def render(self, task: Task) -> str:
        return _speed(task)


def _speed(task: Task) -> str:
    speed, unit = task.finished_speed or task.speed, _unit(task)
    if not speed:
        return ''
    if speed < 1:
        return f'{1 / speed:.1f} s/{unit.removesuffix("s")}'
    return f'{speed:.1f} {unit}/s'


def _unit(task: Task) -> str:
    return task.fields.get('unit', 'videos')
