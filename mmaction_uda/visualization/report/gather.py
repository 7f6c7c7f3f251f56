"""All that a report says, as plain facts: every number of it is from here."""

from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from ...config.dumps import read_dump
from ...evaluation import DEFAULT, largest_share
from .accuracies import accuracies, paired, read_costs, share
from .classes import confusion, gains
from .models import model_facts
from .runs import config_file, published, run_facts, task_facts
from .warnings import alarms, warnings

Facts = Dict[str, Any]


def gather(
    methods: Dict[str, List[str]],
    lower: Optional[str] = None,
    upper: Optional[str] = None,
    versus: Sequence[str] = (),
    costs: bool = False,
    models: bool = False,
    thumbnails: bool = False,
) -> Facts:
    """Read finished trainings.

    Args:
        methods (dict): ``{name: work_dirs of its seeds}``.
        lower (str, optional): Name of the lower bound; adds differences to it
            and gains of each class.
        upper (str, optional): Name of the upper bound; with ``lower`` adds
            the share of the gap between them that is closed.
        versus (Sequence[str]): Names of methods; adds differences to each.
        costs (bool): Add those of :func:`read_costs`. Defaults to False.
        models (bool): Run the models over the test videos, for
            :func:`model_facts`. Defaults to False.
        thumbnails (bool): Show frames of videos as well. Defaults to False.

    Returns:
        dict: ``task`` (of :func:`task_facts`, None without a config),
        ``lists`` (``n`` and ``chance`` of each test list), ``lower``,
        ``upper``, ``others`` (what differences are to), ``validator``,
        ``methods`` (of :func:`accuracies`, and ``list``, ``published``,
        ``share``, ``versus``, ``confusion``, ``gains``, ``costs``), ``runs``
        (of :func:`run_facts`, with ``method`` and ``seed``), ``warnings``,
        ``alarms``, ``models`` and ``missing`` (of :func:`model_facts`, and
        what else could not be shown). Rates are in percent.

    Raises:
        ValueError: If a training was never validated.
    """
    others = [*dict.fromkeys([*([lower] if lower else []), *versus])]
    task = _task(methods)
    facts: Facts = dict(
        task=task,
        lower=lower,
        upper=upper,
        others=others,
        validator=DEFAULT,
        methods={name: accuracies(dirs) for name, dirs in methods.items()},
    )
    facts['lists'] = _lists(facts['methods'])
    for name, found in facts['methods'].items():
        found.update(_compared(facts, name))
        if costs:
            found['costs'] = _costs(found['work_dirs'])
    facts['runs'] = [
        dict(method=name, seed=seed, **run_facts(folder))
        for name, found in facts['methods'].items()
        for seed, folder in zip(found['seeds'], found['work_dirs'])
    ]
    facts.update(warnings=warnings(facts), alarms=alarms(facts))
    facts.update(models={}, before={}, gallery=[], missing=[])
    if models:
        facts.update(model_facts(methods, thumbnails))
    return facts


def _task(methods: Dict[str, List[str]]) -> Optional[Facts]:
    """Of the first config that is there and has two domains."""
    found = None
    for folders in methods.values():
        file = config_file(folders[0])
        if file:
            task = task_facts(read_dump(file))
            if task['source'] and task['target']:
                return task
            found = found or task
    return found


def _lists(methods: Dict[str, Facts]) -> List[Facts]:
    """Test lists, usually one; methods get its number in place of it."""
    labels: List[tuple] = []
    for method in methods.values():
        own = method.pop('test_list')
        if own is not None and own not in labels:
            labels.append(own)
        method['list'] = None if own is None else labels.index(own)
    return [dict(n=len(x), chance=100 * largest_share(x)) for x in labels]


def _compared(facts: Facts, name: str) -> Facts:
    """A method beside the bounds, the others and its paper."""
    methods, lower, upper = facts['methods'], facts['lower'], facts['upper']
    mine = methods[name]
    means = {m: one['top1']['mean'] for m, one in methods.items()}
    closed = None
    if lower and upper:
        closed = share(means[name], means[lower], means[upper])
    size = len(facts['task']['classes']) if facts['task'] else 0
    found = size and confusion(mine['work_dirs'], size) or None
    low = size and lower and confusion(methods[lower]['work_dirs'], size)
    return dict(
        published=published(name),
        share=closed,
        versus={
            other: paired(mine['work_dirs'], methods[other]['work_dirs'])
            for other in facts['others']
        },
        confusion=found,
        gains=gains(found, low) if found and low else None,
    )


def _costs(work_dirs: Sequence[str]) -> Dict[str, float]:
    """Mean minutes of the seeds, and parameters in thousands."""
    spent = [read_costs(folder) for folder in work_dirs]
    return dict(
        minutes=float(np.mean([one['minutes'] for one in spent])),
        parameters=spent[0]['parameters'],
    )
