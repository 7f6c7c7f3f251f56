"""What a grid would do, and what it lacks; nothing is made."""

from collections import Counter
from typing import Dict, List, Optional

from _grid import Grid
from rich.console import Console
from rich.table import Table

from mmaction_uda.engine import Start, lacking


def show(grid: Grid) -> None:
    """Print how each training would begin, and what is not there."""
    table = Table(box=None)
    for title in ('config', 'seeds', 'trainings', 'stages before'):
        table.add_column(title)
    for trial in grid.trials:
        found = Counter(_state(grid.starts[trial, s]) for s in grid.seeds)
        table.add_row(
            trial.name,
            ' '.join(map(str, grid.seeds)),
            ', '.join(f'{n} {state}' for state, n in found.items()),
            ', '.join(grid.stages(trial)),
        )
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    lacks = _lacks(grid)
    for fault, names in lacks.items():
        console.print(f'lacks, for {names[0]}{_more(names)}: {fault}')
    number = sum(
        _state(grid.starts[t, s]) != 'finished'
        for t in grid.trials
        for s in grid.seeds
    )
    console.print(
        f'{number} trainings, {grid.place.jobs} at a time. '
        + ('All that they need is there.' if not lacks else '')
    )


def _state(start: Optional[Start]) -> str:
    if start is None or start.clear:
        return 'new'
    return 'finished' if start.finished else 'to be resumed'


def _lacks(grid: Grid) -> Dict[str, List[str]]:
    """What is not there, and which configs need it."""
    found: Dict[str, List[str]] = {}
    for trial in grid.trials:
        for one in [*grid.stages(trial).values(), trial]:
            for fault in lacking(grid.config(one, grid.seeds[0])):
                found.setdefault(fault, []).append(trial.name)
    return {fault: [*dict.fromkeys(n)] for fault, n in found.items()}


def _more(names: List[str]) -> str:
    return f' and {len(names) - 1} more' if len(names) > 1 else ''
