"""How well label-free scores choose: rank correlation, cost of a choice.

Every WORK_DIR is a task, with the trainings that lie there; what there is to
choose from are all their validated epochs. A choice's regret is the top-1 of
the best less that of the chosen, in points. In the last lines each task's
validator is the one with the least regret on the other tasks.
"""

import os.path as osp
from typing import Dict, List

from cli import make_parser, told
from collect_results import find


def main() -> None:
    """Print two tables as Markdown."""
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


def candidates(work_dir: str) -> List[Dict[str, float]]:
    """All validations with all scores below a folder.

    Raises:
        ValueError: If there is none.
    """
    from mmaction_uda.evaluation import PREFIX, VALIDATORS, read_validations

    names = {f'{PREFIX}/{validator}' for validator in VALIDATORS}
    found = [
        values
        for folders in find(work_dir).values()
        for folder in folders
        for values in read_validations(folder).values()
        if names <= set(values)
    ]
    if not found:
        raise ValueError(
            f'{work_dir!r}: no validation has all scores. Train with '
            "val_cfg.type='UDAValLoop' and val_cfg.source."
        )
    return found


def report(tasks: Dict[str, List[Dict[str, float]]]) -> str:
    """Rank correlations and regrets, a row for each task."""
    from mmaction_uda.evaluation import (
        VALIDATORS,
        leave_one_out,
        rank_correlation,
        regret,
    )

    ranks = {
        task: {v: rank_correlation(tried, v) for v in VALIDATORS}
        for task, tried in tasks.items()
    }
    costs = {
        task: {v: regret(tried, v) for v in VALIDATORS}
        for task, tried in tasks.items()
    }
    parts = [
        "Spearman's rank correlation of score and top-1\n",
        table(ranks, tasks, '{:.2f}'),
        '\nRegret, points of top-1\n',
        table(costs, tasks, '{:.1f}'),
    ]
    if len(tasks) > 1:
        parts.append('\nValidator that is best on the other tasks\n')
        taken = leave_one_out(costs)
        parts += [f'- {t}: {v}, {costs[t][v]:.1f}' for t, v in taken.items()]
        mean = sum(costs[t][v] for t, v in taken.items()) / len(taken)
        parts.append(f'- mean regret: {mean:.1f}')
    return '\n'.join(parts)


def table(
    numbers: Dict[str, Dict[str, float]], tasks: Dict[str, list], form: str
) -> str:
    """A column for each validator, the mean over the tasks last."""
    columns = list(next(iter(numbers.values())))
    means = {
        name: sum(row[name] for row in numbers.values()) / len(numbers)
        for name in columns
    }
    lines = [['task', 'validations', *columns], ['---'] * (2 + len(columns))]
    for task, row in [*numbers.items(), ('mean', means)]:
        size = str(len(tasks[task])) if task in tasks else ''
        lines.append([task, size, *(form.format(row[n]) for n in columns)])
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


if __name__ == '__main__':
    main()
