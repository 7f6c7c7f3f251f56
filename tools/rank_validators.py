"""How well label-free scores choose: rank correlation, cost of a choice.

Every WORK_DIR is a task, with the trainings that lie there. A choice's regret
is the top-1 of the best less that of the chosen, in points: of an epoch of
each training, and of one epoch of all of them. Below a table, each task's
validator is the one with the least regret on the other tasks.
"""

import os.path as osp
from itertools import chain
from statistics import mean
from typing import Dict, List

from _runs import find
from cli import make_parser, told

Tried = List[Dict[str, float]]  # validations of a training
Numbers = Dict[str, Dict[str, float]]  # by task, by validator


def main() -> None:
    """Print the tables as Markdown."""
    parser = make_parser(
        __doc__,
        'python tools/rank_validators.py work_dirs/ucf2hmdb '
        'work_dirs/hmdb2ucf',
    )
    parser.add_argument(
        'work_dirs', nargs='+', metavar='WORK_DIR', help='trainings of a task'
    )
    args = parser.parse_args()
    with told(args.debug):
        tasks = {
            osp.basename(osp.abspath(folder)): candidates(folder)
            for folder in args.work_dirs
        }
        print(report(tasks))


def candidates(work_dir: str) -> List[Tried]:
    """Validations with all scores below a folder, those of each training.

    Trainings that learn from target labels are left out.

    Raises:
        ValueError: If there is none.
    """
    from mmaction_uda.evaluation import PREFIX, VALIDATORS, read_history

    names = {f'{PREFIX}/{validator}' for validator in VALIDATORS}
    found = []
    for folder in chain(*find(work_dir).values()):
        history = read_history(folder)
        rows = history.validations.values()
        scored = [values for values in rows if names <= set(values)]
        if scored and not history.oracle:
            found.append(scored)
    if not found:
        raise ValueError(
            f'{work_dir!r}: no validation has all scores. Train with '
            "val_cfg.type='UDAValLoop' and val_cfg.source."
        )
    return found


def report(tasks: Dict[str, List[Tried]]) -> str:
    """Rank correlations and regrets, a row for each task."""
    from mmaction_uda.evaluation import VALIDATORS, rank_correlation, regret

    def of_all(runs: List[Tried], validator: str) -> float:
        return regret([*chain(*runs)], validator)

    def of_an_epoch(runs: List[Tried], validator: str) -> float:
        return mean(regret(run, validator) for run in runs)

    def measured(by) -> Numbers:
        return {t: {v: by(r, v) for v in VALIDATORS} for t, r in tasks.items()}

    ranks = measured(lambda runs, v: rank_correlation([*chain(*runs)], v))
    lines = ['Rank correlation of score and top-1, over all validations\n']
    lines += [table(ranks, tasks, '{:.2f}')]
    for title, by in {
        'Regret of the epoch of a training, mean over trainings': of_an_epoch,
        'Regret of one epoch of all trainings': of_all,
    }.items():
        costs = measured(by)
        lines += [f'\n{title}, points\n', table(costs, tasks, '{:.1f}')]
        lines += left_out(costs) if len(tasks) > 1 else []
    return '\n'.join(lines)


def left_out(costs: Numbers) -> List[str]:
    """What a validator costs that is chosen on the other tasks."""
    from mmaction_uda.evaluation import leave_one_out

    taken = leave_one_out(costs)
    names = ', '.join(f'{v} for {task}' for task, v in taken.items())
    found = mean(costs[task][v] for task, v in taken.items())
    return [f'\nChosen on the other tasks: {names}; mean regret {found:.1f}']


def table(numbers: Numbers, tasks: Dict[str, List[Tried]], form: str) -> str:
    """A column for each validator, the mean over the tasks last."""
    columns = list(next(iter(numbers.values())))
    means = {n: mean(row[n] for row in numbers.values()) for n in columns}
    lines = [['task', 'trainings', *columns], ['---'] * (2 + len(columns))]
    for task, row in [*numbers.items(), ('mean', means)]:
        size = str(len(tasks[task])) if task in tasks else ''
        lines.append([task, size, *(form.format(row[n]) for n in columns)])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


if __name__ == '__main__':
    main()
